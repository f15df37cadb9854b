// SPDX-License-Identifier: GPL-2.0-or-later
/// Spans of time and points in it, as systemd.time(7) writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace enforced::ctl {

/// Microseconds of "90", "5min", "1h 30min", "2d", "500ms": numbers with a unit behind each, without one
/// seconds. Months and years are not known: nothing here lasts as long.
Result<std::uint64_t> parse_duration(std::string_view text);

/// "4min 12s", "2h 5min", "3d 1h", "800ms": the two largest units that are not zero.
std::string print_duration(std::uint64_t microseconds);

/// Microseconds since 1970 of "2026-01-31 14:05:09", without seconds or without date (today) or time
/// (midnight); of "now", "today", "yesterday"; of "-1h", "1h ago" and "@SECONDS". In the zone of this
/// machine. `now` is the time that they are relative to.
Result<std::uint64_t> parse_time(std::string_view text, std::uint64_t now);

/// "Sat 2026-01-31 14:05:09", in the zone of this machine.
std::string print_time(std::uint64_t microseconds);

/// CLOCK_REALTIME.
std::uint64_t current_time();

} // namespace enforced::ctl
