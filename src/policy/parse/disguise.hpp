// SPDX-License-Identifier: GPL-2.0-or-later
/// A detour around a fault of toml++ up to 3.4: asked whether a character between U+00A0 and U+FEFF is white
/// space, its tables run for most of them into what it declares unreachable, which is undefined behaviour. It
/// asks within strings too, behind a backslash at the end of a line. Above U+FEFF its answers are right, so
/// it gets to see those characters in the last private plane, one for one, and columns stay what they are.
#pragma once

#include <string>
#include <string_view>

namespace enforced::policy {

/// Whether a character lies where disguised ones go. Texts that hold one cannot be disguised.
constexpr bool is_in_disguise(char32_t character) {
    return character >= 0x100000;
}

/// `text`, well-formed UTF-8, with what lies between U+0080 and U+FFFF moved to the last plane.
std::string disguise(std::string_view text);

/// The opposite.
std::string reveal(std::string_view text);

} // namespace enforced::policy
