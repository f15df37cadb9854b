// SPDX-License-Identifier: GPL-2.0-or-later
/// What is said of changes at runtime, to the journal and to who asks for another.
#pragma once

#include <cstdint>
#include <string>

#include "bus/change.hpp"
#include "bus/fault.hpp"
#include "daemon/journal.hpp"
#include "daemon/reconciler.hpp"

namespace enforced::daemon {

/// "the mode of policy nginx was set to audit"
std::string describe(const bus::Change& change);

/// "5 min 3 s"; µs, rounded up.
std::string duration(std::uint64_t microseconds);

/// That a change is refused, since this one is on probation. `now` is CLOCK_BOOTTIME in µs.
bus::Fault pending_fault(const bus::Probation& probation, std::uint64_t now);

/// Why an attempt was refused, in lines.
bus::Fault outcome_fault(const Outcome& outcome);

/// The journal's entry for a change that was made; `probation` is its id, empty if it is not on probation.
Entry change_entry(const bus::Change& change, const bus::Terms& terms, const bus::Caller& caller,
                   const std::string& probation);

/// The entry for one that was not made.
Entry refusal_entry(const bus::Change& change, const bus::Caller& caller, const std::string& why);

/// That a change stays, or is undone, and why: "its time is up".
Entry confirmed_entry(const bus::Probation& probation);
Entry undone_entry(const bus::Probation& probation, const std::string& why);

} // namespace enforced::daemon
