// SPDX-License-Identifier: GPL-2.0-or-later
/// Journal files for tests, made by systemd's own systemd-journal-remote: journald's fields as they are
/// wanted.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace enforced::test {

class JournalFile {
  public:
    static constexpr const char* maker = "/lib/systemd/systemd-journal-remote";
    static constexpr std::uint64_t start = 1'700'000'000'000'000; // µs, of the first entry
    static constexpr const char* boot = "0123456789abcdef0123456789abcdef";

    static bool can_be_made() { return access(maker, X_OK) == 0; }

    /// "NAME=value", any bytes; a second after the entry before, unless that is given.
    JournalFile& add(const std::vector<std::string>& fields, std::uint64_t after = 1'000'000) {
        time_ += after;
        text_ += "__REALTIME_TIMESTAMP=" + std::to_string(time_) + "\n";
        text_ += "__MONOTONIC_TIMESTAMP=" + std::to_string(time_ - start + 1) + "\n";
        text_ += std::string("_BOOT_ID=") + (boots_.empty() ? boot : boots_.back()) + "\n";
        for (const std::string& field : fields) {
            const auto equals = field.find('=');
            const std::uint64_t size = field.size() - equals - 1;
            text_ += field.substr(0, equals) + "\n";
            text_.append(reinterpret_cast<const char*>(&size), sizeof(size));
            text_ += field.substr(equals + 1) + "\n";
        }
        text_ += "\n";
        return *this;
    }

    /// Of the entries that follow.
    void set_boot(const std::string& id) { boots_.push_back(id); }

    /// Whether it could be written.
    [[nodiscard]] bool write(const std::string& path) const {
        FILE* pipe = popen((std::string(maker) + " -o '" + path + "' - 2>/dev/null").c_str(), "w");
        if (!pipe)
            return false;
        const bool written = fwrite(text_.data(), 1, text_.size(), pipe) == text_.size();
        return pclose(pipe) == 0 && written;
    }

  private:
    std::string text_;
    std::uint64_t time_ = start - 1'000'000;
    std::vector<std::string> boots_;
};

} // namespace enforced::test
