// SPDX-License-Identifier: GPL-2.0-or-later
/// What standard output is, as far as it decides how answers look.
#pragma once

#include <string>
#include <string_view>

namespace enforced::ctl {

struct Terminal {
    bool is_one = false;
    unsigned columns = 0; // 0: no limit
    bool colour = false;
    bool utf8 = false;
};

/// Looks at standard output and at COLUMNS, TERM, SYSTEMD_COLORS and NO_COLOR.
Terminal look_at_output();

/// Whether to colour. `systemd_colors`, `no_color` and `term` are those variables, or null. SYSTEMD_COLORS
/// has the last word if it says yes or no or how many; NO_COLOR, if not empty, says no; else it takes a
/// terminal that is not dumb.
bool wants_colour(bool is_terminal, const char* systemd_colors, const char* no_color, const char* term);

enum class Tint { none, good, warning, bad, faint, strong };

/// The text in that colour, if the terminal is to have any.
std::string tinted(std::string_view text, Tint tint, const Terminal& terminal);

/// How many columns the text takes up; what is not printable counts as one.
unsigned width_of(std::string_view text);

/// The text, cut to so many columns, with an ellipsis at its end if it was longer.
std::string cut(std::string_view text, unsigned columns, const Terminal& terminal);

} // namespace enforced::ctl
