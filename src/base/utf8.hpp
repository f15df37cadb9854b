// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace enforced {

struct Utf8Character {
    char32_t value = 0;
    std::size_t length = 0; // in bytes, 1 to 4
};

/// The character at the front of `text`, or none if there is none that is well-formed: overlong forms,
/// surrogates and what lies beyond U+10FFFF are not.
std::optional<Utf8Character> decode_utf8(std::string_view text);

/// Appends the character, which is none of the surrogates and at most U+10FFFF.
void append_utf8(std::string& text, char32_t character);

} // namespace enforced
