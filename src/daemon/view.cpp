// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/view.hpp"

#include <algorithm>

#include "daemon/runtime.hpp"
#include "plan/evaluate.hpp"
#include "plan/kernel.hpp"
#include "plan/needs.hpp"
#include "policy/merge.hpp"
#include "policy/print.hpp"

namespace enforced::daemon {
namespace {

constexpr const char* layers[] = {"vendor", "runtime", "local"};

bus::Gap view_gap(const plan::Shortfall& shortfall, const kernel::Enforcement& enforcement) {
    const auto hook = kernel::find_hook(shortfall.needs);
    return {shortfall.policy,  shortfall.key,
            shortfall.needs,   hook ? enforcement.reason(hook->number) : std::string(),
            shortfall.at.file, shortfall.at.line};
}

std::vector<std::string> texts_of(const std::vector<policy::Glob>& globs) {
    std::vector<std::string> texts;
    for (const policy::Glob& glob : globs)
        texts.push_back(glob.text);
    return texts;
}

std::string state_of(const policy::Policy& policy, const PolicySet& set, const std::vector<bus::Gap>& gaps) {
    if (policy.mode == policy::Mode::off)
        return "off";
    if (set.released)
        return "released";
    if (set.left_out.contains(policy.name))
        return "refused";
    return gaps.empty() ? "in-force" : "partial";
}

bus::Policy view_policy(const policy::Policy& policy, const PolicySet& set, std::vector<bus::Gap> gaps) {
    bus::Policy view;

    view.name = policy.name;
    view.description = policy.description;
    view.mode = policy::print(policy.mode);
    view.runtime_mode = runtime_mode(set.sources, policy.name);
    view.on_unsupported = policy::print(policy.on_unsupported);
    view.text = policy::print(policy);
    view.units = texts_of(policy.units);
    view.user_units = texts_of(policy.user_units);
    for (const policy::User& user : policy.users)
        view.users.push_back(user.text);
    view.release_to = texts_of(policy.release_to);
    view.state = state_of(policy, set, gaps);
    view.gaps = std::move(gaps);
    for (const policy::Source* part : policy::parts_of(set.sources, policy.name + ".toml")) {
        view.files.push_back(part->path);
        if (part->amends.empty())
            view.layer = layers[std::min<std::size_t>(part->rank, std::size(layers) - 1)];
    }
    for (const plan::Rule& rule : set.plan ? set.plan->rules : std::vector<plan::Rule>{}) {
        if (rule.policy == policy.name)
            view.rules.push_back({rule.id, rule.policy, rule.key, rule.class_, rule.action, rule.text,
                                  rule.at.file, rule.at.line});
    }
    return view;
}

/// The parts of a policy that are in force.
std::vector<std::string> names_of(const plan::Parts& parts) {
    std::vector<std::string> names;
    const std::pair<bool, const char*> all[] = {
        {parts.file, "file"},
        {parts.exec, "exec"},
        {parts.anonymous, "exec.anonymous"},
        {parts.writable_memory, "exec.writable-memory"},
        {parts.families, "network.families"},
        {parts.connect, "network.connect"},
        {parts.bind, "network.bind"},
        {parts.accept, "network.accept"},
        {parts.unix_, "network.unix"},
        {parts.capability, "capability"},
    };
    for (const auto& [there, name] : all) {
        if (there)
            names.emplace_back(name);
    }
    for (unsigned key = 0; key < parts.kernel.size(); key++) {
        if (parts.kernel[key])
            names.push_back(plan::kernel_rule(key));
    }
    return names;
}

void add_coverage(const policy::Policy& policy, const kernel::Enforcement& enforcement, bus::Unit& unit) {
    const plan::Support support = plan::support(policy, enforcement.facts());
    const char* state = policy.mode == policy::Mode::enforce ? "enforced" : "audited";

    for (std::string& part : names_of(support.parts))
        unit.coverage.push_back({policy.name, std::move(part), state, {}, {}});
    for (const plan::Shortfall& shortfall : support.shortfalls) {
        const bus::Gap gap = view_gap(shortfall, enforcement);
        unit.coverage.push_back({policy.name, gap.key, "not-in-force", gap.needs, gap.reason});
    }
}

bus::Unit view_unit(const KnownUnit& known, const std::vector<const policy::Policy*>& policies,
                    const kernel::Enforcement& enforcement) {
    bus::Unit unit;

    unit.name = host::unit_label(known.path);
    unit.cgroup = known.path;
    unit.cgroup_id = known.id;
    unit.mode = "audit";
    for (const policy::Policy* policy : policies) {
        unit.policies.push_back(policy->name);
        if (policy->mode == policy::Mode::enforce)
            unit.mode = "enforce";
        add_coverage(*policy, enforcement, unit);
    }
    return unit;
}

} // namespace

std::vector<bus::Gap> view_gaps(const PolicySet& set, const kernel::Enforcement& enforcement) {
    std::vector<bus::Gap> gaps;
    if (!set.plan)
        return gaps;
    for (const auto& shortfalls : {set.plan->refused, set.plan->shortfalls}) {
        for (const plan::Shortfall& shortfall : shortfalls)
            gaps.push_back(view_gap(shortfall, enforcement));
    }
    return gaps;
}

std::map<std::string, bus::Policy> view_policies(const PolicySet& set,
                                                 const kernel::Enforcement& enforcement) {
    std::map<std::string, bus::Policy> policies;
    const std::vector<bus::Gap> gaps = view_gaps(set, enforcement);

    for (const policy::Policy& policy : set.policies) {
        std::vector<bus::Gap> own;
        std::ranges::copy_if(gaps, std::back_inserter(own),
                             [&](const bus::Gap& gap) { return gap.policy == policy.name; });
        policies[policy.name] = view_policy(policy, set, std::move(own));
    }
    return policies;
}

std::map<std::string, bus::Unit> view_units(const PolicySet& set, const kernel::Enforcement& enforcement,
                                            const std::vector<KnownUnit>& units,
                                            const host::CgroupTree& tree) {
    std::map<std::string, bus::Unit> views;
    if (!set.plan || set.plan->sets.empty())
        return views;
    const plan::Evaluator evaluator(*set.plan);

    for (const KnownUnit& known : units) {
        const std::uint32_t governing = evaluator.set_of(known.path);
        if (!governing)
            continue;
        std::vector<const policy::Policy*> policies;
        for (const policy::Policy& policy : set.policies) {
            if (std::ranges::find(set.plan->sets[governing].policies, policy.name) !=
                set.plan->sets[governing].policies.end())
                policies.push_back(&policy);
        }
        bus::Unit unit = view_unit(known, policies, enforcement);
        unit.invocation = tree.invocation_of(known.path);
        views[unit.name] = std::move(unit);
    }
    return views;
}

std::vector<bus::Feature> view_features(const kernel::Enforcement& enforcement) {
    std::vector<bus::Feature> features;

    for (const kernel::Hook& hook : kernel::hooks) {
        const bool works = enforcement.facts().hooks.test(hook.number);
        if (!enforcement.tried().test(hook.number))
            features.push_back({hook.name, "untried", {}});
        else
            features.push_back({hook.name, works ? "works" : "absent",
                                works ? std::string() : enforcement.reason(hook.number)});
    }
    return features;
}

} // namespace enforced::daemon
