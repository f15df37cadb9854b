// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/diff.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "plan/rules.hpp"

namespace enforced::plan {
namespace {

std::set<std::uint32_t> rule_ids(const policy::Policy* policy) {
    std::set<std::uint32_t> ids;
    if (policy)
        for (const auto& rule : list_rules(std::span(&policy, 1)))
            ids.insert(rule.id);
    return ids;
}

std::size_t missing(const std::set<std::uint32_t>& from, const std::set<std::uint32_t>& in) {
    return static_cast<std::size_t>(std::ranges::count_if(from, [&](auto id) { return !in.contains(id); }));
}

/// What is in one of the two only, or differs; either may be missing.
Difference compare(const std::string& name, const policy::Policy* have, const policy::Policy* want) {
    const auto before = rule_ids(have), after = rule_ids(want);
    Difference change{.policy = name,
                      .kind = !have   ? Difference::Kind::added
                              : !want ? Difference::Kind::removed
                                      : Difference::Kind::changed,
                      .rules_added = missing(after, before),
                      .rules_removed = missing(before, after)};
    if (have && want) {
        change.units = have->units != want->units || have->user_units != want->user_units ||
                       have->users != want->users;
        change.mode = have->mode != want->mode;
        change.rest = have->release_to != want->release_to || have->on_unsupported != want->on_unsupported ||
                      have->description != want->description;
    }
    return change;
}

std::string count(std::size_t rules, const char* what) {
    return std::to_string(rules) + (rules == 1 ? " rule " : " rules ") + what;
}

} // namespace

std::vector<Difference> diff(std::span<const policy::Policy> have, std::span<const policy::Policy> want) {
    std::map<std::string, std::pair<const policy::Policy*, const policy::Policy*>> policies;
    for (const auto& policy : have)
        policies[policy.name].first = &policy;
    for (const auto& policy : want)
        policies[policy.name].second = &policy;

    std::vector<Difference> changes;
    for (const auto& [name, both] : policies)
        if (!both.first || !both.second || !(*both.first == *both.second))
            changes.push_back(compare(name, both.first, both.second));
    return changes;
}

std::string render(const Difference& change) {
    if (change.kind == Difference::Kind::added)
        return change.policy + ": added, " + count(change.rules_added, "in all");
    if (change.kind == Difference::Kind::removed)
        return change.policy + ": removed";
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? ": " : ", ") + part; };
    if (change.rules_added > 0)
        add(count(change.rules_added, "added"));
    if (change.rules_removed > 0)
        add(count(change.rules_removed, "removed"));
    if (change.units)
        add("other units");
    if (change.mode)
        add("another mode");
    if (change.rest || text.empty())
        add("other settings");
    return change.policy + text;
}

} // namespace enforced::plan
