// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "bus/event.hpp"
#include "daemon/reconciler.hpp"
#include "daemon/units.hpp"
#include "host/journal.hpp"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// What is in force, to explain an event by.
struct Grounds {
    const PolicySet& set;
    const plan::Facts& facts;
    const std::vector<KnownUnit>& units; // that there are
};

/// Explains an event of that id or cursor. May take long: it reads the journal, and compiles what it
/// proposes. An error with ENOENT means that there is no such event, EINVAL that it cannot be one.
/// `directory` is that of host::read_journal.
Result<bus::Explanation> inquire(const std::string& event, const Grounds& grounds,
                                 const std::string& directory = {});

/// As one text, from a helper to the daemon. An error means that it is none of ours.
std::string pack(const bus::Explanation& explanation);
Result<bus::Explanation> unpack_explanation(std::string_view text);

} // namespace enforced::daemon
