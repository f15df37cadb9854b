// SPDX-License-Identifier: GPL-2.0-or-later
/// What is asked about events, and the answers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bus/dictionary.hpp"
#include "bus/event.hpp"
#include "bus/fault.hpp"
#include "bus/message.hpp"

namespace enforced::bus {

inline constexpr std::uint32_t max_events = 1000; // of one answer
inline constexpr std::size_t max_cursor = 512;    // bytes

/// Of Subscribe: what happens from now on has no time and no boot to choose.
Answer<EventFilter> read_filter(const Dictionary& given);

Answer<EventQuery> read_query(const Dictionary& filter, const Dictionary& options);

/// A cursor or the id of an event.
Answer<void> check_event(const std::string& event);

/// Into a message, in the types that the contract gives them. Negative, as sd-bus has it, if that cannot be.
int append(sd_bus_message* message, const Event& event);
int append(sd_bus_message* message, const EventPage& page);
int append(sd_bus_message* message, const Explanation& explanation);

} // namespace enforced::bus
