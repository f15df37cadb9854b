// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/draft.hpp"

#include <algorithm>

#include "plan/capability.hpp"
#include "plan/kernel.hpp"
#include "plan/names.hpp"
#include "plan/network.hpp"
#include "plan/paths.hpp"

namespace enforced::plan {
namespace {

bool refuses_by_path(const Member& member) {
    const auto refuses = [&](const policy::FileRule& rule) {
        return (rule.action == policy::Action::deny || rule.action == policy::Action::kill) &&
               rule.access & member.parts.accesses;
    };
    return (member.parts.file && std::ranges::any_of(member.policy->file->rules, refuses)) ||
           (member.parts.exec && !member.policy->exec->deny.empty()) ||
           (member.parts.unix_ && !member.policy->network->unix_.deny.empty());
}

std::uint32_t flags_of(const Member& member) {
    const Parts& parts = member.parts;
    std::uint32_t flags = 0;
    if (parts.file)
        flags |= ENFORCED_SET_FILE;
    if (parts.exec || parts.anonymous || parts.writable_memory)
        flags |= ENFORCED_SET_EXEC;
    if (parts.families)
        flags |= ENFORCED_SET_FAMILIES;
    if (parts.connect || parts.bind)
        flags |= ENFORCED_SET_NETWORK;
    if (parts.accept)
        flags |= ENFORCED_SET_ACCEPT;
    if (parts.unix_)
        flags |= ENFORCED_SET_UNIX;
    if (parts.capability)
        flags |= ENFORCED_SET_CAPABILITY;
    for (unsigned key = 0; key < ENFORCED_KERNEL_KEYS; key++)
        if (parts.kernel[key])
            flags |= ENFORCED_SET_KERNEL(key);
    if (refuses_by_path(member))
        flags |= ENFORCED_SET_IDENTITY;
    return flags;
}

/// Adds what one policy says of operations that no table is asked about.
void add(enforced_set& value, const Member& member, Verdicts& verdicts) {
    const auto& [policy, parts] = member;
    const auto refusal = [&](std::string_view key) {
        return verdicts.cell(in_mode(ENFORCED_DENY, policy->mode), policy->name, key);
    };
    value.flags |= flags_of(member);
    if (parts.file) {
        value.unresolved = severer(value.unresolved, refusal("file.default"));
        value.guard = severer(value.guard, refusal("file.default"));
    }
    if (parts.anonymous)
        value.anonymous =
            severer(value.anonymous, refusal(policy->exec->anonymous ? "exec.anonymous" : "exec.default"));
    if (parts.writable_memory)
        value.writable_memory = severer(value.writable_memory, refusal("exec.writable-memory"));
}

Extent add(Image& image, const Table& table) {
    return image.add(table.dfa, table.accepts, table.rows);
}

Status add_tables(Draft& draft, std::span<const Member> members, Verdicts& verdicts) {
    if (draft.value.flags & (ENFORCED_SET_FILE | ENFORCED_SET_EXEC | ENFORCED_SET_UNIX)) {
        const auto table = compile_paths(members, verdicts);
        if (!table)
            return std::unexpected(table.error());
        draft.paths = add(draft.image, *table);
        // The root's own name is empty here: what is below it begins with a '/'.
        for (auto& anchor : draft.anchors)
            anchor.state = draft.paths->start + run(table->dfa, 0, anchor.path == "/" ? "" : anchor.path);
    }
    if (draft.value.flags & (ENFORCED_SET_NETWORK | ENFORCED_SET_ACCEPT)) {
        const auto table = compile_network(members, verdicts);
        if (!table)
            return std::unexpected(table.error());
        draft.network = add(draft.image, *table);
    }
    if (draft.value.flags & ENFORCED_SET_FAMILIES)
        draft.families = draft.image.add(family_cells(members, verdicts));
    if (draft.value.flags & ENFORCED_SET_CAPABILITY)
        draft.capabilities = draft.image.add(capability_cells(members, verdicts));
    draft.kernel = draft.image.add(kernel_cells(members, verdicts));
    return {};
}

/// Into which units a task may go: those to which each of the policies lets it.
Status add_release(Draft& draft, std::span<const Member> members) {
    std::vector<const policy::Policy*> policies;
    for (const auto& member : members) {
        if (member.policy->release_to.empty())
            return {};
        policies.push_back(member.policy);
    }
    const auto table = compile_release(policies);
    if (!table)
        return std::unexpected(table.error());
    draft.release = add(draft.image, *table);
    return {};
}

std::string list(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

} // namespace

Result<Draft> draft(std::span<const Member> members, const RuleIds& ids) {
    Draft draft;
    Verdicts verdicts(ids);
    for (const auto& member : members) {
        draft.policies.push_back(member.policy->name);
        add(draft.value, member, verdicts);
    }
    if (std::ranges::all_of(members,
                            [](const Member& member) { return member.policy->mode == policy::Mode::audit; }))
        draft.value.flags |= ENFORCED_SET_AUDIT;
    const Objects found = objects_of(members);
    for (const auto& path : found.anchors)
        draft.anchors.push_back({.path = path, .state = 0});
    for (const auto& root : found.scans)
        draft.scans.push_back({.root = root});

    if (auto status = add_tables(draft, members, verdicts); !status)
        return std::unexpected(status.error());
    if (auto status = add_release(draft, members); !status)
        return std::unexpected(status.error());
    draft.rules = draft.image.add(verdicts.ids());
    draft.rule_count = static_cast<std::uint32_t>(verdicts.ids().size());
    if (draft.image.cells() > bank_room)
        return failure("the rules of " + list(draft.policies) + " need " +
                       std::to_string(draft.image.cells()) + " table cells of the " +
                       std::to_string(bank_room) +
                       " that one unit's rules may fill; have fewer rules, or say more with one glob");
    return draft;
}

Set settle(Draft draft, const Place& place) {
    const auto dfa = [&](const std::optional<Extent>& extent) {
        return extent ? dfa_at(place, *extent) : enforced_dfa{};
    };
    Set set{.policies = std::move(draft.policies),
            .value = draft.value,
            .anchors = std::move(draft.anchors),
            .scans = std::move(draft.scans)};
    set.value.bank = place.bank;
    set.value.paths = dfa(draft.paths);
    set.value.network = dfa(draft.network);
    set.value.release = dfa(draft.release);
    set.value.families = place.data + draft.families;
    set.value.capabilities = place.data + draft.capabilities;
    set.value.kernel = place.data + draft.kernel;
    set.value.rules = place.data + draft.rules;
    set.value.rule_count = draft.rule_count;
    for (auto& anchor : set.anchors)
        anchor.state += place.states;
    return set;
}

} // namespace enforced::plan
