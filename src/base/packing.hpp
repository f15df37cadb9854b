// SPDX-License-Identifier: GPL-2.0-or-later
/// Values as one text of bytes, from one process to another of the same program.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace enforced {

/// Puts values one behind the other. Structs are taken apart by a function `carry(archive, value)` beside
/// them, which does for both directions.
class Packer {
  public:
    template<class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T> Packer& operator()(const T& value) {
        text_.append(reinterpret_cast<const char*>(&value), sizeof(value));
        return *this;
    }
    Packer& operator()(const std::string& value) {
        (*this)(value.size());
        text_ += value;
        return *this;
    }
    template<class T>
    Packer& operator()(const std::vector<T>& list) {
        (*this)(list.size());
        for (const T& each : list)
            pack(*this, each);
        return *this;
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    static void pack(Packer& packer, const std::string& value) { packer(value); }
    template<class T>
    static void pack(Packer& packer, const T& value) {
        carry(packer, const_cast<T&>(value));
    }

    std::string text_;
};

/// Takes them out again, in the same order. Of a text that ends too soon, the rest is empty.
class Unpacker {
  public:
    explicit Unpacker(std::string_view text) : text_(text) {}

    template<class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T> Unpacker& operator()(T& value) {
        const std::string_view taken = take(sizeof(value));
        if (good_)
            std::memcpy(&value, taken.data(), sizeof(value));
        return *this;
    }
    Unpacker& operator()(std::string& value) {
        std::size_t size = 0;
        (*this)(size);
        value = take(size);
        return *this;
    }
    template<class T>
    Unpacker& operator()(std::vector<T>& list) {
        std::size_t size = 0;
        (*this)(size);
        for (; good_ && size > 0; size--)
            unpack(*this, list.emplace_back());
        return *this;
    }

    /// Whether all of it was there, and nothing more.
    [[nodiscard]] bool finished() const { return good_ && text_.empty(); }

  private:
    static void unpack(Unpacker& unpacker, std::string& value) { unpacker(value); }
    template<class T>
    static void unpack(Unpacker& unpacker, T& value) {
        carry(unpacker, value);
    }

    std::string_view take(std::size_t size) {
        good_ = good_ && size <= text_.size();
        if (!good_)
            return {};
        const std::string_view taken = text_.substr(0, size);
        text_.remove_prefix(size);
        return taken;
    }

    std::string_view text_;
    bool good_ = true;
};

} // namespace enforced
