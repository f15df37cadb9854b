// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "host/cgroup.hpp"
#include "kernel/maps.hpp"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// A unit that is there.
struct KnownUnit {
    std::uint64_t id = 0; // of its cgroup
    std::string path;     // of that

    friend bool operator==(const KnownUnit&, const KnownUnit&) = default;
};

/// The units and cgroups that the programs know. They enter what they meet; this enters what was there before
/// them, and removes what is gone.
class Units {
  public:
    /// Both are loans for as long as this is used.
    Units(const host::CgroupTree& tree, const kernel::Maps& maps) : tree_(tree), maps_(maps) {}

    /// Enters the cgroups of all units that the plan governs. To be called before the plan is in force, so
    /// that no unit is found ungoverned, and again after, for those made meanwhile. Returns how many units
    /// that are.
    std::size_t enter(const plan::Plan& plan);

    /// How many units the programs know as governed, by what is in force now or was before.
    [[nodiscard]] std::size_t count_governed() const;

    /// The units that the programs know and that are still there, by path. That they know one does not say
    /// that something governs it.
    [[nodiscard]] std::vector<KnownUnit> known() const;

    /// Whether a policy that is not only in mode "audit" governs a process; it does if the process is not
    /// there any more.
    [[nodiscard]] bool governs(std::uint32_t pid) const;

    /// Removes cgroups that are gone, and units that are gone and that no process belongs to any more: one
    /// that was moved elsewhere keeps its unit. To be called now and then.
    void forget_gone();

  private:
    [[nodiscard]] std::set<std::uint64_t> units_of_processes() const;

    const host::CgroupTree& tree_;
    const kernel::Maps& maps_;
    std::set<std::uint64_t> gone_; // of the last time
};

} // namespace enforced::daemon
