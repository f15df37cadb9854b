// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/utf8.hpp"

namespace enforced {

std::optional<Utf8Character> decode_utf8(std::string_view text) {
    if (text.empty())
        return std::nullopt;
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80)
        return Utf8Character{lead, 1};

    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return std::nullopt;
    char32_t value = lead & (0x7fU >> length);
    for (const char c : text.substr(1, length - 1)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) != 0x80)
            return std::nullopt;
        value = value << 6 | (byte & 0x3f);
    }
    const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < least || value > 0x10ffff || surrogate)
        return std::nullopt;
    return Utf8Character{value, length};
}

void append_utf8(std::string& text, char32_t character) {
    if (character < 0x80) {
        text += static_cast<char>(character);
        return;
    }
    constexpr unsigned leads[] = {0, 0xc0, 0xe0, 0xf0};
    const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    text += static_cast<char>(leads[more] | character >> 6 * more);
    for (int left = more - 1; left >= 0; --left)
        text += static_cast<char>(0x80 | (character >> 6 * left & 0x3f));
}

} // namespace enforced
