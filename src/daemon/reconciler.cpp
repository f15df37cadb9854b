// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/reconciler.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "daemon/anchors.hpp"
#include "host/confdir.hpp"
#include "host/manager.hpp"
#include "host/passwd.hpp"
#include "plan/compile.hpp"
#include "plan/needs.hpp"
#include "policy/merge.hpp"
#include "policy/user.hpp"

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

std::set<std::string> names_of(const std::vector<plan::Shortfall>& shortfalls) {
    std::set<std::string> names;
    for (const plan::Shortfall& shortfall : shortfalls)
        names.insert(shortfall.policy);
    return names;
}

policy::Diagnostic diagnose(const policy::Policy& policy, const plan::Shortfall& shortfall) {
    using Severity = policy::Diagnostic::Severity;
    const bool refused = policy.on_unsupported == policy::OnUnsupported::refuse;
    return {refused ? Severity::error : Severity::warning, shortfall.at,
            fmt::format("{} cannot be enforced by this kernel: it needs {}", shortfall.key, shortfall.needs)};
}

/// Policies of users who are not there are faulty.
void resolve_users(policy::Merged& merged, policy::Diagnostics& diagnostics) {
    auto faults =
        policy::resolve_users(merged.policies, [](const std::string& name) { return host::find_user(name); });

    std::erase_if(merged.policies, [](const policy::Policy& each) {
        return std::ranges::any_of(each.users, [](const policy::User& user) { return !user.ids; });
    });
    std::ranges::move(faults, std::back_inserter(diagnostics));
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

Outcome Reconciler::attempt(std::vector<policy::Source> sources, policy::Diagnostics faults,
                            const Leave& leave) {
    Outcome outcome;
    auto merged = policy::merge(sources);

    outcome.diagnostics = std::move(faults);
    outcome.diagnostics.insert(outcome.diagnostics.end(), merged.diagnostics.begin(),
                               merged.diagnostics.end());
    resolve_users(merged, outcome.diagnostics);
    if (!leave.faulty && policy::has_errors(outcome.diagnostics))
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
    std::set<std::string> left_out = names_of(outcome.refused);
    const bool too_few = !leave.faulty && !std::ranges::includes(leave.named, left_out);
    if (too_few) {
        outcome.policies = 0;
    } else if (!nothing_to_do) {
        if (auto done = put_in_force(*plan, outcome); !done)
            outcome.error = done.error().message;
    }
    outcome.done = outcome.error.empty() && !too_few;
    if (outcome.done)
        set_ = {policy::without_faulty(std::move(sources), merged), std::move(merged.policies),
                std::move(left_out), std::move(*plan), false};
    // What was only attached to be tried goes again.
    if (auto settled = enforcement_.settle(); !settled && outcome.error.empty())
        outcome.error = settled.error().message;
    return outcome;
}

Outcome Reconciler::reload() {
    auto files = host::read_policies(directories_);
    return attempt(std::move(files.sources), std::move(files.errors), {});
}

Outcome Reconciler::load() {
    auto files = host::read_policies(directories_);
    return attempt(std::move(files.sources), std::move(files.errors), {.faulty = true, .named = {}});
}

Outcome Reconciler::apply(std::vector<policy::Source> sources, const std::set<std::string>& left_out) {
    return attempt(std::move(sources), {}, {.faulty = false, .named = left_out});
}

Outcome Reconciler::release() {
    Outcome outcome;
    auto nothing = plan::compile({}, enforcement_.facts());

    if (!nothing)
        outcome.error = nothing.error().message;
    else if (auto done = put_in_force(*nothing, outcome); !done)
        outcome.error = done.error().message;
    outcome.done = outcome.error.empty();
    if (outcome.done) {
        set_.plan = std::move(*nothing);
        set_.released = true;
    }
    return outcome;
}

Status Reconciler::adopt_released(std::vector<policy::Source> sources, std::set<std::string> left_out) {
    auto merged = policy::merge(sources);
    policy::Diagnostics ignored; // told of when it was brought into force
    resolve_users(merged, ignored);
    auto nothing = plan::compile({}, enforcement_.facts());

    if (!nothing)
        return std::unexpected(nothing.error());
    set_ = {std::move(sources), std::move(merged.policies), std::move(left_out), std::move(*nothing), true};
    return {};
}

policy::Diagnostics Reconciler::check(std::vector<policy::Source> sources) const {
    auto merged = policy::merge(std::move(sources));
    resolve_users(merged, merged.diagnostics);
    // What was not tried may well work.
    const plan::Facts facts{enforcement_.facts().hooks | ~enforcement_.tried()};

    for (const policy::Policy& each : merged.policies) {
        if (each.mode == policy::Mode::off)
            continue;
        for (const plan::Shortfall& shortfall : plan::support(each, facts).shortfalls)
            merged.diagnostics.push_back(diagnose(each, shortfall));
    }
    return std::move(merged.diagnostics);
}

bool Reconciler::agrees_with_files() const {
    auto files = host::read_policies(directories_);
    auto sources = set_.sources;

    std::ranges::sort(files.sources, {}, &policy::Source::path);
    std::ranges::sort(sources, {}, &policy::Source::path);
    return files.errors.empty() && files.sources == sources;
}

std::optional<std::size_t> Reconciler::enter_units() {
    return set_.plan ? std::optional(units_.enter(*set_.plan)) : std::nullopt;
}

Status Reconciler::refresh_anchors() {
    const auto mounts = host::read_mounts();

    if (!mounts)
        return std::unexpected(mounts.error());
    if (!set_.plan || !enforcement_.in_force())
        return {};
    std::vector<kernel::Identity> identities = linked_files_;
    const auto named = find_anchors(*set_.plan, *mounts);
    identities.insert(identities.end(), named.begin(), named.end());
    if (identities == identities_)
        return {};
    if (auto done = enforcement_.update_anchors(identities); !done)
        return done;
    identities_ = std::move(identities);
    return {};
}

} // namespace enforced::daemon
