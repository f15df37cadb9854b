// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/duration.hpp"

#include <ctime>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/quote.hpp"

namespace enforced::ctl {
namespace {

constexpr std::uint64_t second = 1'000'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour,
                        week = 7 * day;

struct Unit {
    std::string_view name;
    std::uint64_t length; // µs
};

constexpr std::array units = {
    Unit{"usec", 1},        Unit{"us", 1},           Unit{"µs", 1},      Unit{"msec", 1000},
    Unit{"ms", 1000},       Unit{"", second},        Unit{"s", second},  Unit{"sec", second},
    Unit{"second", second}, Unit{"seconds", second}, Unit{"m", minute},  Unit{"min", minute},
    Unit{"minute", minute}, Unit{"minutes", minute}, Unit{"h", hour},    Unit{"hr", hour},
    Unit{"hour", hour},     Unit{"hours", hour},     Unit{"d", day},     Unit{"day", day},
    Unit{"days", day},      Unit{"w", week},         Unit{"week", week}, Unit{"weeks", week},
};

std::optional<std::uint64_t> length_of(std::string_view unit) {
    for (const Unit& each : units) {
        if (each.name == unit)
            return each.length;
    }
    return {};
}

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::unexpected<Error> bad_duration(std::string_view text) {
    return failure(quote(text) + " is no span of time; write it as 90s, 5min or \"1h 30min\"");
}

std::unexpected<Error> bad_time(std::string_view text) {
    return failure(quote(text) + " is no point in time; write it as \"2026-01-31 14:05\", 14:05, today, "
                                 "yesterday, -1h or \"1h ago\"");
}

std::uint64_t microseconds_of(std::tm local) {
    local.tm_isdst = -1;
    const std::time_t seconds = std::mktime(&local);
    return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds) * second;
}

std::tm local_time(std::uint64_t microseconds) {
    const auto seconds = static_cast<std::time_t>(microseconds / second);
    std::tm local = {};
    localtime_r(&seconds, &local);
    return local;
}

/// Midnight of the day that was `days` ago.
std::uint64_t midnight(std::uint64_t now, int days) {
    std::tm local = local_time(now);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    local.tm_mday -= days;
    return microseconds_of(local);
}

std::optional<std::uint64_t> written_out(const std::string& text, std::uint64_t now) {
    static constexpr std::array formats = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
                                           "%Y-%m-%d",          "%H:%M:%S",          "%H:%M"};
    for (const char* format : formats) {
        std::tm local = local_time(now);
        local.tm_hour = local.tm_min = local.tm_sec = 0;
        const char* end = strptime(text.c_str(), format, &local);
        if (!end || *end)
            continue;
        const std::tm asked = local;
        const auto found = microseconds_of(local);
        // mktime takes the 31st of April for the 1st of May.
        if (local_time(found).tm_mday == asked.tm_mday)
            return found;
    }
    return {};
}

std::optional<std::uint64_t> relative(std::string_view text, std::uint64_t now) {
    constexpr std::string_view ago = " ago";
    if (text.starts_with('-'))
        text.remove_prefix(1);
    else if (text.ends_with(ago))
        text.remove_suffix(ago.size());
    else
        return {};
    const auto span = parse_duration(text);
    return span ? std::optional(now - std::min(now, *span)) : std::nullopt;
}

} // namespace

Result<std::uint64_t> parse_duration(std::string_view text) {
    std::string_view rest = text;
    std::uint64_t sum = 0;

    skip_blanks(rest);
    if (rest.empty())
        return bad_duration(text);
    while (!rest.empty()) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc())
            return bad_duration(text);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        skip_blanks(rest);
        const auto name = rest.substr(0, rest.find_first_of("0123456789 \t"));
        const auto length = length_of(name);
        if (!length || number > (std::numeric_limits<std::uint64_t>::max() - sum) / *length)
            return bad_duration(text);
        sum += number * *length;
        rest.remove_prefix(name.size());
        skip_blanks(rest);
    }
    return sum;
}

std::string print_duration(std::uint64_t microseconds) {
    static constexpr std::array printed = {Unit{"w", week},     Unit{"d", day},    Unit{"h", hour},
                                           Unit{"min", minute}, Unit{"s", second}, Unit{"ms", 1000}};
    std::string text;
    for (std::size_t i = 0; i < printed.size(); ++i) {
        const std::uint64_t count = microseconds / printed[i].length;
        if (!count)
            continue;
        text = fmt::format("{}{}", count, printed[i].name);
        const std::uint64_t rest = microseconds % printed[i].length;
        // Milliseconds matter only where there is nothing larger.
        if (i + 2 < printed.size() && rest >= printed[i + 1].length)
            text += fmt::format(" {}{}", rest / printed[i + 1].length, printed[i + 1].name);
        return text;
    }
    return microseconds ? "less than 1ms" : "0";
}

Result<std::uint64_t> parse_time(std::string_view text, std::uint64_t now) {
    if (text == "now")
        return now;
    if (text == "today")
        return midnight(now, 0);
    if (text == "yesterday")
        return midnight(now, 1);
    if (text.starts_with('@')) {
        const auto seconds = parse_duration(text.substr(1));
        if (seconds)
            return *seconds;
        return bad_time(text);
    }
    if (const auto found = relative(text, now))
        return *found;
    if (const auto found = written_out(std::string(text), now))
        return *found;
    return bad_time(text);
}

std::string print_time(std::uint64_t microseconds) {
    const std::tm local = local_time(microseconds);
    char text[64] = {};
    // The names of days are those of the messages: English.
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
    return fmt::format("{} {}", days[static_cast<std::size_t>(local.tm_wday)], text);
}

std::uint64_t current_time() {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * second + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

} // namespace enforced::ctl
