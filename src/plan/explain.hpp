// SPDX-License-Identifier: GPL-2.0-or-later
/// Why an operation was refused, and what would have to change for it to be permitted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/attempt.hpp"
#include "plan/plan.hpp"
#include "plan/remedy.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// An event, as far as the rules are concerned.
struct Case {
    std::string cgroup; // of the unit: "/system.slice/nginx.service"
    std::uint32_t rule; // id of the rule that decided
    Attempt attempt;
};

/// A rule that does not permit the operation now, the one that decides in its policy.
struct Objection {
    Rule rule;
    enforced_verdict verdict = ENFORCED_DENY;
};

/// A rule that permits the operation, or nearly does, and why that is not enough.
struct Permit {
    Rule rule;
    std::string but; // a clause
};

struct Explanation {
    /// What comes of the operation now. Not certain where that depends on more than the event tells: then it
    /// is what came of it, if the rule that decided is in force still.
    enforced_verdict now = ENFORCED_ALLOW;
    bool certain = true;
    std::vector<std::string> governed_by; // the unit, now; in order
    std::vector<Objection> objections;
    std::vector<Permit> permits;

    /// All of these together permit the operation, if there are any; they were tried. `beyond` is what else
    /// they permit, clauses; `unless` why there are none.
    std::vector<Change> changes;
    std::string beyond;
    std::string unless;
};

/// `plan` is what these policies come to with these facts. Pure and slow: it compiles what it proposes.
Explanation explain(std::span<const policy::Policy> policies, const Plan& plan, const Facts& facts,
                    const Case& what);

} // namespace enforced::plan
