// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/units.hpp"
#include "host/mounts.hpp"
#include "kernel/enforcement.hpp"
#include "plan/plan.hpp"
#include "policy/diagnostic.hpp"
#include "policy/merge.hpp"

namespace enforced::daemon {

/// What became of an attempt to bring the policy files into force.
struct Outcome {
    bool done = false;                       // what the files say is in force, but for what follows
    std::string error;                       // why not, if it is not the files' fault
    policy::Diagnostics diagnostics;         // of the files
    std::vector<plan::Shortfall> refused;    // policies left out: they want more than this kernel can
    std::vector<plan::Shortfall> shortfalls; // rules left out, with their policy's consent
    std::vector<plan::Gap> gaps;             // in the rules that are in force
    std::vector<std::string> unfinished;     // trees too large to look for hard links in
    std::size_t policies = 0;                // in force
    std::size_t units = 0;                   // that they govern now
    bool agrees = true;                      // the files are what this was made of
};

/// A set of policies, and what it was made of.
struct PolicySet {
    std::vector<policy::Source> sources;  // without those that had errors
    std::vector<policy::Policy> policies; // all of them, those that are off too
    std::set<std::string> left_out;       // of the policies: those that want more than this kernel can
    std::optional<plan::Plan> plan;       // none if what is in force is from before us, and unknown
    bool released = false;                // all of it is lifted
};

/// From texts to what is in force.
class Reconciler {
  public:
    /// All are loans for as long as this is used.
    Reconciler(std::vector<std::string> directories, kernel::Enforcement& enforcement, Units& units)
        : directories_(std::move(directories)), enforcement_(enforcement), units_(units) {}

    /// Reads the files and brings all of them into force, or nothing, and what was before stays.
    Outcome reload();

    /// For the first time since boot, when nothing is in force: brings into force what is good.
    Outcome load();

    /// Brings other texts into force, all or nothing; but the policies `left_out` may be left out.
    Outcome apply(std::vector<policy::Source> sources, const std::set<std::string>& left_out);

    /// Lifts all of it. What it is stays known.
    Outcome release();

    /// The set of one before us, which had released it.
    Status adopt_released(std::vector<policy::Source> sources, std::set<std::string> left_out);

    /// What there was to complain about if these texts were brought into force, as far as that can be known
    /// without trying.
    [[nodiscard]] policy::Diagnostics check(std::vector<policy::Source> sources) const;

    [[nodiscard]] const PolicySet& set() const { return set_; }

    /// Whether the files are now what the set in force was made of.
    [[nodiscard]] bool agrees_with_files() const;

    /// Enters what the plan in force governs and the programs do not know. How many units it governs; nothing
    /// if what is in force is from before us.
    std::optional<std::size_t> enter_units();

    /// The paths that lead to what the rules in force deny. When something else comes to lie there,
    /// `refresh_anchors` is due.
    [[nodiscard]] const std::vector<std::string>& watched() const { return watched_; }
    Status refresh_anchors();

  private:
    /// Which policies may be left out.
    struct Leave {
        bool faulty = false; // those with errors, and all that want more than this kernel can
        std::set<std::string> named;
    };

    Outcome attempt(std::vector<policy::Source> sources, policy::Diagnostics faults, const Leave& leave);
    Result<plan::Plan> make_plan(const std::vector<policy::Policy>& policies);
    Status put_in_force(const plan::Plan& plan, Outcome& outcome);
    void wait_for_the_manager(const plan::Plan& plan);

    std::vector<std::string> directories_;
    kernel::Enforcement& enforcement_;
    Units& units_;
    PolicySet set_;                              // in force
    std::vector<kernel::Identity> linked_files_; // of the plan in force
    std::vector<kernel::Identity> identities_;   // those, and what was found by name
    std::vector<std::string> watched_;
};

} // namespace enforced::daemon
