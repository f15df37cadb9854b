// SPDX-License-Identifier: GPL-2.0-or-later
/// What a policy's [kernel] speaks of, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abi/event.h"
#include "abi/policy.h"

namespace enforced::daemon {

/// "SIGTERM"; of those without a name, and what is queued in real time, the number.
std::string signal_name(std::uint32_t number);

/// "may not DOES OBJECT"
std::string_view deed_verb(unsigned key);

/// The object: what the event says in numbers, or in `text`.
std::string deed_object(const enforced_event& event, std::string text);

} // namespace enforced::daemon
