// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/disguise.hpp"

#include "base/utf8.hpp"

namespace enforced::policy {
namespace {

constexpr char32_t last_plane = 0x100000;

/// Moves the characters from `first` to `first` + 0xff7f by `distance`, in UTF-8.
std::string move_characters(std::string_view text, char32_t first, char32_t distance) {
    std::string moved;
    moved.reserve(text.size());
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        const std::size_t length = character ? character->length : 1;
        if (character && character->value >= first && character->value <= first + 0xff7f)
            append_utf8(moved, character->value + distance);
        else
            moved += text.substr(0, length);
        text.remove_prefix(length);
    }
    return moved;
}

} // namespace

std::string disguise(std::string_view text) {
    return move_characters(text, 0x80, last_plane);
}

std::string reveal(std::string_view text) {
    return move_characters(text, last_plane + 0x80, -last_plane);
}

} // namespace enforced::policy
