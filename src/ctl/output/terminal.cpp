// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/utf8.hpp"

namespace enforced::ctl {
namespace {

constexpr unsigned usual_columns = 80;

/// What SYSTEMD_COLORS says, if it says anything that is understood.
std::optional<bool> colour_setting(std::string_view text) {
    static constexpr std::array<std::string_view, 12> yes = {
        "1", "yes", "y", "true", "t", "on", "16", "256", "24bit", "auto-16", "auto-256", "auto-24bit"};
    static constexpr std::array<std::string_view, 6> no = {"0", "no", "n", "false", "f", "off"};
    if (std::ranges::find(yes, text) != yes.end())
        return true;
    if (std::ranges::find(no, text) != no.end())
        return false;
    return {};
}

unsigned columns_of_terminal() {
    if (const char* variable = std::getenv("COLUMNS")) {
        const std::string_view text(variable);
        unsigned columns = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
        if (error == std::errc() && end == text.data() + text.size() && columns)
            return columns;
    }
    winsize size = {};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return usual_columns;
}

std::string_view sequence(Tint tint) {
    switch (tint) {
    case Tint::good:
        return "\x1b[0;1;32m";
    case Tint::warning:
        return "\x1b[0;1;33m";
    case Tint::bad:
        return "\x1b[0;1;31m";
    case Tint::faint:
        return "\x1b[0;90m";
    case Tint::strong:
        return "\x1b[0;1;39m";
    case Tint::none:
        break;
    }
    return "";
}

/// The character at the front of `rest`, as bytes and columns.
std::pair<std::size_t, unsigned> measure(std::string_view rest) {
    const auto character = decode_utf8(rest);
    if (!character)
        return {1, 1};
    const int width = wcwidth(static_cast<wchar_t>(character->value));
    return {character->length, width < 0 ? 1U : static_cast<unsigned>(width)};
}

} // namespace

bool wants_colour(bool is_terminal, const char* systemd_colors, const char* no_color, const char* term) {
    if (systemd_colors) {
        if (const auto setting = colour_setting(systemd_colors)) {
            const bool automatic = std::string_view(systemd_colors).starts_with("auto-");
            return *setting && (!automatic || is_terminal);
        }
    }
    if (no_color && *no_color)
        return false;
    return is_terminal && term && std::string_view(term) != "dumb" && *term;
}

Terminal look_at_output() {
    Terminal terminal;
    terminal.is_one = isatty(STDOUT_FILENO) == 1;
    terminal.columns = terminal.is_one ? columns_of_terminal() : 0;
    terminal.colour = wants_colour(terminal.is_one, std::getenv("SYSTEMD_COLORS"), std::getenv("NO_COLOR"),
                                   std::getenv("TERM"));
    terminal.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    return terminal;
}

std::string tinted(std::string_view text, Tint tint, const Terminal& terminal) {
    if (!terminal.colour || tint == Tint::none || text.empty())
        return std::string(text);
    return std::string(sequence(tint)).append(text).append("\x1b[0m");
}

unsigned width_of(std::string_view text) {
    unsigned width = 0;
    while (!text.empty()) {
        const auto [bytes, columns] = measure(text);
        text.remove_prefix(bytes);
        width += columns;
    }
    return width;
}

std::string cut(std::string_view text, unsigned columns, const Terminal& terminal) {
    if (width_of(text) <= columns)
        return std::string(text);
    const std::string_view ellipsis = terminal.utf8 ? "\u2026" : columns >= 6 ? "..." : "";
    const unsigned room = columns - std::min(columns, width_of(ellipsis));
    std::size_t size = 0;
    for (unsigned used = 0;;) {
        const auto [bytes, width] = measure(text.substr(size));
        if (used + width > room)
            break;
        size += bytes;
        used += width;
    }
    return std::string(text.substr(0, size)).append(ellipsis);
}

} // namespace enforced::ctl
