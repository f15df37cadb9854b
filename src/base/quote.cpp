// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/quote.hpp"

#include "base/utf8.hpp"

namespace enforced {
namespace {

// Code points that move the cursor, reverse the line or cannot be seen: C1 controls, marks of direction,
// separators of lines and paragraphs, the byte order mark.
bool misleading(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

void append_escape(std::string& out, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

/// Appends the character at the front of `rest`, and returns how many bytes it has.
std::size_t append_character(std::string& out, std::string_view rest) {
    const auto character = decode_utf8(rest);
    const std::size_t length = character ? character->length : 1;
    if (character && !misleading(character->value)) {
        out += rest.substr(0, length);
    } else if (rest.front() == '\n') {
        out += "\\n";
    } else if (rest.front() == '\t') {
        out += "\\t";
    } else {
        for (const char byte : rest.substr(0, length))
            append_escape(out, static_cast<unsigned char>(byte));
    }
    return length;
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty())
        text.remove_prefix(append_character(out, text));
    return out;
}

std::string quote(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    const std::size_t size = text.size();
    while (!text.empty() && size - text.size() < limit)
        text.remove_prefix(append_character(out, text));
    return out + (text.empty() ? "\"" : "...\"");
}

} // namespace enforced
