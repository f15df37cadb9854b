// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "abi/table.h"
#include "plan/needs.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// One of the policies that together govern a unit, and how much of it is in force.
struct Member {
    const policy::Policy* policy;
    Parts parts;
};

/// What becomes of a verdict in a policy's mode: audit refuses nothing, and says what it would have refused.
inline enforced_verdict in_mode(enforced_verdict verdict, policy::Mode mode) {
    if (mode != policy::Mode::audit)
        return verdict;
    if (verdict == ENFORCED_DENY)
        return ENFORCED_WOULD_DENY;
    return verdict == ENFORCED_KILL ? ENFORCED_WOULD_KILL : verdict;
}

} // namespace enforced::plan
