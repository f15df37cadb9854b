// SPDX-License-Identifier: GPL-2.0-or-later
/// Which events are asked for, and how they are fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ctl/bus/connection.hpp"

namespace enforced::ctl {

/// What has to be true of an event, as options give it; what is empty may be anything.
struct Filter {
    std::string unit, policy, rule, class_, verdict, since, until, boot;
};

void add_filter_options(CLI::App& verb, Filter& filter);

/// The filter as QueryEvents takes it. With `live`, as Subscribe does: without times and boot.
Result<Properties> filter_of(const Filter& filter, bool live = false);

constexpr std::size_t all_events = std::numeric_limits<std::size_t>::max();

/// Hands on page after page, in that order ("newest" or "oldest" first), until there are `count` events or no
/// more. Begins behind `cursor` if there is one.
Status fetch_events(Bus& bus, const Properties& filter, const std::string& order, std::size_t count,
                    std::string cursor, const std::function<void(std::vector<Event>)>& page);

/// The newest so many events, in the order in which they happened.
Result<std::vector<Event>> newest_events(Bus& bus, const Properties& filter, std::size_t count);

} // namespace enforced::ctl
