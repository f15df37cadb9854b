// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/compile.hpp"

#include <algorithm>

#include "abi/rule.h"
#include "plan/draft.hpp"
#include "plan/layout.hpp"
#include "plan/names.hpp"
#include "plan/needs.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {
namespace {

/// The policies that will be in force, each as far as this kernel can hold it. What it cannot goes into
/// `plan`.
std::vector<Member> members_of(std::span<const policy::Policy> policies, const Facts& facts, Plan& plan) {
    std::vector<Member> members;
    for (const auto& policy : policies) {
        if (policy.mode == policy::Mode::off)
            continue;
        Support found = support(policy, facts);
        const bool refused =
            !found.shortfalls.empty() && policy.on_unsupported == policy::OnUnsupported::refuse;
        auto& shortfalls = refused ? plan.refused : plan.shortfalls;
        std::ranges::move(found.shortfalls, std::back_inserter(shortfalls));
        if (refused)
            continue;
        std::ranges::move(found.gaps, std::back_inserter(plan.gaps));
        plan.hooks |= found.hooks;
        members.push_back({&policy, found.parts});
    }
    return members;
}

std::vector<const policy::Policy*> policies_of(std::span<const Member> members) {
    std::vector<const policy::Policy*> policies;
    for (const auto& member : members)
        policies.push_back(member.policy);
    return policies;
}

/// The automaton of names as an image: the accept cells hold indices of combinations, which are those of
/// sets.
Extent add(Image& image, const Names& names) {
    std::vector<std::uint64_t> accepts;
    for (const auto& state : names.dfa.states)
        accepts.push_back(state.label);
    return image.add(names.dfa, accepts, {});
}

} // namespace

Result<Plan> compile(std::span<const policy::Policy> policies, const Facts& facts) {
    Plan plan;
    const auto members = members_of(policies, facts, plan);
    const auto in_force = policies_of(members);
    plan.rules = list_rules(in_force);
    // Nobody is ever told that a rule allowed something.
    std::erase_if(plan.rules, [](const Rule& rule) { return rule.action == "allow"; });
    if (plan.rules.size() > ENFORCED_RULES)
        return failure("the policies have " + std::to_string(plan.rules.size()) +
                       " rules that can refuse or report something, and there may be " +
                       std::to_string(ENFORCED_RULES) + "; say more with one rule");
    const RuleIds ids = index_rules(plan.rules);

    const auto names = compile_names(in_force);
    if (!names)
        return std::unexpected(names.error());
    std::vector<Image> images(1);
    const Extent names_extent = add(images.front(), *names);
    if (images.front().cells() > bank_room)
        return failure("the unit names of all policies need " + std::to_string(images.front().cells()) +
                       " table cells of the " + std::to_string(bank_room) + " that there are for them");

    std::vector<Draft> drafts;
    for (std::size_t i = 1; i < names->combinations.size(); i++) {
        std::vector<Member> together;
        for (const std::size_t policy : names->combinations[i])
            together.push_back(members[policy]);
        auto drafted = draft(together, ids);
        if (!drafted)
            return std::unexpected(drafted.error());
        images.push_back(std::move(drafted->image));
        drafts.push_back(std::move(*drafted));
    }

    auto layout = lay_out(images);
    if (!layout)
        return std::unexpected(layout.error());
    plan.banks = std::move(layout->banks);
    const bool users =
        std::ranges::any_of(in_force, [](const auto* policy) { return !policy->user_units.empty(); });
    plan.names = {.bank = layout->places[0].bank,
                  .user_units = users ? 1U : 0U,
                  .dfa = dfa_at(layout->places[0], names_extent)};
    plan.sets.emplace_back();
    for (std::size_t i = 0; i < drafts.size(); i++)
        plan.sets.push_back(settle(std::move(drafts[i]), layout->places[i + 1]));
    return plan;
}

} // namespace enforced::plan
