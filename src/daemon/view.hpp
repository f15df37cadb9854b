// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bus/view.hpp"
#include "daemon/reconciler.hpp"
#include "daemon/units.hpp"
#include "host/cgroup.hpp"
#include "kernel/enforcement.hpp"

namespace enforced::daemon {

/// The set in force as the bus shows it: its policies, and what of them is not in force.
std::map<std::string, bus::Policy> view_policies(const PolicySet& set,
                                                 const kernel::Enforcement& enforcement);
std::vector<bus::Gap> view_gaps(const PolicySet& set, const kernel::Enforcement& enforcement);

/// Those of the units that the set governs.
std::map<std::string, bus::Unit> view_units(const PolicySet& set, const kernel::Enforcement& enforcement,
                                            const std::vector<KnownUnit>& units,
                                            const host::CgroupTree& tree);

/// Every hook of this kernel, as far as it was tried.
std::vector<bus::Feature> view_features(const kernel::Enforcement& enforcement);

} // namespace enforced::daemon
