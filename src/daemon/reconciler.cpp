// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/reconciler.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "daemon/anchors.hpp"
#include "host/confdir.hpp"
#include "host/manager.hpp"
#include "plan/compile.hpp"
#include "plan/needs.hpp"
#include "policy/merge.hpp"

namespace enforced::daemon {
namespace {

/// The hooks that these policies could use if the kernel had all of them.
kernel::HookSet wanted_hooks(const std::vector<policy::Policy>& policies) {
    plan::Facts everything;
    kernel::HookSet wanted;

    everything.hooks.set();
    for (const policy::Policy& each : policies) {
        if (each.mode != policy::Mode::off)
            wanted |= plan::support(each, everything).hooks;
    }
    return wanted;
}

std::size_t count_policies(const plan::Plan& plan) {
    std::set<std::string> names;
    for (const plan::Set& set : plan.sets)
        names.insert(set.policies.begin(), set.policies.end());
    return names.size();
}

} // namespace

Result<plan::Plan> Reconciler::make_plan(const std::vector<policy::Policy>& policies) {
    if (auto tried = enforcement_.try_hooks(wanted_hooks(policies)); !tried)
        return std::unexpected(tried.error());
    return plan::compile(policies, enforcement_.facts());
}

/// What PID 1 forked before our hooks were there is not known as its child. If a unit's rules came into force
/// between that and the exec of the unit's program, they would hold for the manager's work in it, and the
/// unit would not start.
void Reconciler::wait_for_the_manager(const plan::Plan& plan) {
    using namespace std::chrono_literals;
    constexpr auto step = 10ms;
    constexpr int patience = 200; // steps

    if (!plan.hooks.test(ENFORCED_HOOK_task_alloc) || enforcement_.needed().test(ENFORCED_HOOK_task_alloc))
        return;
    auto waited_for = host::list_in_setup();
    for (int i = 0; i < patience && !waited_for.empty(); i++) {
        std::this_thread::sleep_for(step);
        const auto now = host::list_in_setup();
        std::erase_if(waited_for, [&](int pid) { return !now.contains(pid); });
    }
}

Status Reconciler::put_in_force(const plan::Plan& plan, Outcome& outcome) {
    const auto mounts = host::read_mounts();
    if (!mounts)
        return std::unexpected(mounts.error());
    FoundAnchors linked = scan_for_links(plan, *mounts);
    std::vector<kernel::Identity> identities = linked.identities;
    const auto named = find_anchors(plan, *mounts);

    identities.insert(identities.end(), named.begin(), named.end());
    enforcement_.maps().control().executor = host::has_executor();
    units_.enter(plan);
    wait_for_the_manager(plan);
    if (auto done = enforcement_.bring_into_force(plan, identities); !done)
        return done;
    outcome.units = units_.enter(plan);
    outcome.unfinished = std::move(linked.unfinished);
    linked_files_ = std::move(linked.identities);
    identities_ = std::move(identities);
    watched_ = anchor_paths(plan);
    return {};
}

Outcome Reconciler::attempt(bool all_or_nothing) {
    Outcome outcome;
    auto files = host::read_policies(directories_);
    auto merged = policy::merge(std::move(files.sources));

    outcome.diagnostics = std::move(files.errors);
    outcome.diagnostics.insert(outcome.diagnostics.end(), merged.diagnostics.begin(),
                               merged.diagnostics.end());
    if (all_or_nothing && policy::has_errors(outcome.diagnostics))
        return outcome;
    auto plan = make_plan(merged.policies);
    if (!plan) {
        outcome.error = plan.error().message;
        (void)enforcement_.settle();
        return outcome;
    }
    outcome.refused = plan->refused;
    outcome.shortfalls = plan->shortfalls;
    outcome.gaps = plan->gaps;
    outcome.policies = count_policies(*plan);
    const bool nothing_to_do = !enforcement_.in_force() && !outcome.policies;
    if (all_or_nothing && !outcome.refused.empty()) {
        outcome.policies = 0;
    } else if (!nothing_to_do) {
        if (auto done = put_in_force(*plan, outcome); !done)
            outcome.error = done.error().message;
    }
    outcome.done = outcome.error.empty() && (!all_or_nothing || outcome.refused.empty());
    if (outcome.done)
        plan_ = std::move(*plan);
    // What was only attached to be tried goes again.
    if (auto settled = enforcement_.settle(); !settled && outcome.error.empty())
        outcome.error = settled.error().message;
    return outcome;
}

std::optional<std::size_t> Reconciler::enter_units() {
    return plan_ ? std::optional(units_.enter(*plan_)) : std::nullopt;
}

Status Reconciler::refresh_anchors() {
    const auto mounts = host::read_mounts();

    if (!mounts)
        return std::unexpected(mounts.error());
    if (!plan_ || !enforcement_.in_force())
        return {};
    std::vector<kernel::Identity> identities = linked_files_;
    const auto named = find_anchors(*plan_, *mounts);
    identities.insert(identities.end(), named.begin(), named.end());
    if (identities == identities_)
        return {};
    if (auto done = enforcement_.update_anchors(identities); !done)
        return done;
    identities_ = std::move(identities);
    return {};
}

} // namespace enforced::daemon
