// SPDX-License-Identifier: GPL-2.0-or-later
/// What the daemon says of an outcome, to the journal and to who asked for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/journal.hpp"
#include "daemon/reconciler.hpp"

namespace enforced::daemon {

/// The entries for an outcome, the most important last. `stays` says what is in force if it was not done;
/// `reason` why a hook does not work.
std::vector<Entry> outcome_entries(const Outcome& outcome, const std::string& stays,
                                   const std::function<std::string(const std::string& hook)>& reason);

} // namespace enforced::daemon
