// SPDX-License-Identifier: GPL-2.0-or-later
/// The page that is read at 3 a.m.: is it enforcing, what is not in force and why, what was refused lately,
/// what is pending and how to get out of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/bus/event.hpp"
#include "ctl/bus/state.hpp"
#include "ctl/options.hpp"

namespace enforced::ctl {

/// Refusals as far as one may look at them.
struct Lately {
    std::vector<Event> events; // as they happened
    std::string hidden;        // why there are none to be seen
};

struct Overview {
    ManagerState manager;
    std::vector<PolicyState> policies;
    std::vector<UnitState> units;
    Lately lately;
};

std::string draw(const Overview& overview, const Options& options, std::uint64_t now);

/// One unit's. `manager` for what is pending.
std::string draw(const UnitState& unit, const ManagerState& manager, const Lately& lately,
                 const Options& options, std::uint64_t now);

/// Of status without a unit: exit_good if all that the files say is in force, exit_failed if not all of it
/// is, exit_inactive if nothing is.
int status_of(const ManagerState& manager);

/// Of status with one: exit_good if something is enforced, exit_failed if not all of what its policies say,
/// exit_inactive if nothing is.
int status_of(const UnitState& unit);

} // namespace enforced::ctl
