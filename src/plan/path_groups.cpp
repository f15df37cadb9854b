// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/path_groups.hpp"

#include "plan/pattern.hpp"

namespace enforced::plan {
namespace {

using Kind = PathGroup::Kind;

constexpr std::uint32_t last = ~std::uint32_t{0}; // the order of a default, behind all rules
constexpr std::uint32_t exec_accesses = 1U << ENFORCED_RUN | 1U << ENFORCED_MAP;

constexpr std::uint32_t socket_access = 1U << ENFORCED_SOCKET;

constexpr std::uint32_t by_identity(std::uint32_t accesses) {
    return accesses << ENFORCED_ACCESS_COUNT;
}

bool refuses(policy::Action action) {
    return action == policy::Action::deny || action == policy::Action::kill;
}

enforced_verdict default_verdict(const policy::Switch& value, policy::Mode mode) {
    return value.value == policy::Permission::deny ? in_mode(ENFORCED_DENY, mode) : ENFORCED_ALLOW;
}

/// By these a service says that it is up, and logs, as it was told to by the manager. No default speaks of
/// them.
std::span<const policy::Glob> managers_sockets() {
    static const std::vector<policy::Glob> globs{
        {.text = "/run/systemd/notify", .at = {}},
        {.text = "/run/systemd/journal/{socket,stdout,dev-log}", .at = {}},
    };
    return globs;
}

} // namespace

PathGroups::PathGroups(std::span<const Member> members) {
    for (std::uint32_t number = 0; number < members.size(); number++) {
        if (members[number].parts.file)
            add_file(members[number], number);
        if (members[number].parts.exec)
            add_exec(members[number], number);
        if (members[number].parts.unix_)
            add_sockets(members[number], number);
    }
}

void PathGroups::add(const PathGroup& group, std::span<const policy::Glob> globs) {
    if (globs.empty())
        return;
    const auto id = static_cast<Nfa::Group>(groups_.size());
    groups_.push_back(group);
    for (const auto& glob : globs) {
        globs_.push_back(&glob);
        nfa_.accept(append(nfa_, Nfa::start, *policy::parse_glob(glob.text)), id);
    }
}

void PathGroups::add_file(const Member& member, std::uint32_t number) {
    const auto& file = *member.policy->file;
    const auto by_default = default_verdict(file.default_, member.policy->mode);
    for (std::uint32_t i = 0; i < file.rules.size(); i++) {
        const auto& rule = file.rules[i];
        const std::uint32_t accesses = rule.access & member.parts.accesses;
        if (accesses == 0)
            continue;
        PathGroup group{
            .kind = Kind::path, .member = number, .index = i, .action = rule.action, .says = accesses};
        if (refuses(rule.action)) {
            const auto verdict = rule.action == policy::Action::kill ? ENFORCED_KILL : ENFORCED_DENY;
            const std::uint32_t image = accesses & policy::access_read ? 1U << ENFORCED_IMAGE : 0;
            group.says |= image | by_identity(accesses | image);
            group.verdict = in_mode(verdict, member.policy->mode);
            group.order = i;
        } else {
            group.verdict = by_default;
            group.order = last;
            if (rule.action == policy::Action::audit && by_default < ENFORCED_LOG) {
                group.verdict = ENFORCED_LOG;
                group.order = i;
            }
        }
        group.firm = rule.except.empty();
        add(group, rule.path);
        group.kind = Kind::except;
        group.firm = false;
        add(group, rule.except);
    }
}

void PathGroups::add_exec(const Member& member, std::uint32_t number) {
    const auto& exec = *member.policy->exec;
    const auto by_default = default_verdict(exec.default_, member.policy->mode);
    const auto refusal = in_mode(ENFORCED_DENY, member.policy->mode);
    PathGroup group{.kind = Kind::exec_allow,
                    .member = number,
                    .says = exec_accesses,
                    .verdict = by_default,
                    .order = last,
                    .firm = true};
    add(group, exec.allow);
    group.kind = Kind::library;
    group.says = 1U << ENFORCED_MAP;
    add(group, exec.libraries);
    for (std::uint32_t i = 0; i < exec.deny.size(); i++)
        add({.kind = Kind::exec_deny,
             .member = number,
             .index = i,
             .action = policy::Action::deny,
             .says = exec_accesses | by_identity(exec_accesses),
             .verdict = refusal,
             .order = i,
             .firm = exec.except.empty()},
            std::span(exec.deny).subspan(i, 1));
    add({.kind = Kind::exec_except,
         .member = number,
         .says = exec_accesses | by_identity(exec_accesses),
         .verdict = refusal},
        exec.except);
}

void PathGroups::add_sockets(const Member& member, std::uint32_t number) {
    const auto& rules = member.policy->network->unix_;
    const auto by_default = default_verdict(member.policy->network->default_, member.policy->mode);
    const auto refusal = in_mode(ENFORCED_DENY, member.policy->mode);
    const PathGroup allow{.kind = Kind::socket_allow,
                          .member = number,
                          .says = socket_access,
                          .verdict = by_default,
                          .order = last,
                          .firm = true};
    add(allow, managers_sockets());
    add(allow, rules.allow);
    for (std::uint32_t i = 0; i < rules.deny.size(); i++)
        add({.kind = Kind::socket_deny,
             .member = number,
             .index = i,
             .action = policy::Action::deny,
             .says = socket_access | by_identity(socket_access),
             .verdict = refusal,
             .order = i,
             .firm = rules.except.empty()},
            std::span(rules.deny).subspan(i, 1));
    add({.kind = Kind::socket_except,
         .member = number,
         .says = socket_access | by_identity(socket_access),
         .verdict = refusal},
        rules.except);
}

bool PathGroups::absorbs(Nfa::Group settled, Nfa::Group other) const {
    const PathGroup& by = groups_[settled];
    const PathGroup& group = groups_[other];
    if (!by.firm || group.says & ~by.says)
        return false;
    // Refusals stand whatever else matches, and beat all that is milder or comes later.
    if (refuses(by.action)) {
        if (by.verdict != group.verdict)
            return by.verdict > group.verdict;
        return std::pair(by.member, by.order) <= std::pair(group.member, group.order);
    }
    // Of two that only take away the same default one is enough.
    return by.member == group.member && by.action == policy::Action::allow &&
           group.action == policy::Action::allow;
}

} // namespace enforced::plan
