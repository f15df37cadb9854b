// SPDX-License-Identifier: GPL-2.0-or-later
/// What is done to the daemon, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "abi/event.h"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// The class of such events, and the key of the one rule that there is of it. It stands in no file, and its
/// id is 0, which no other rule has.
inline constexpr const char* self_protection = "self-protection";

plan::Rule self_protection_rule();

struct TrespassVerb {
    std::string_view name; // in ENFORCED_OPERATION
    std::string_view does; // "may not DOES OBJECT"
    std::string_view did;  // "DID OBJECT"
};

/// Of an operation from ENFORCED_OP_SELF on.
TrespassVerb trespass_verb(std::uint32_t operation);

/// The object: what the event says in numbers, or in `text`.
std::string trespass_object(const enforced_event& event, std::string text);

} // namespace enforced::daemon
