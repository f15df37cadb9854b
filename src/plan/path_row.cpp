// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/path_row.hpp"

#include <algorithm>

namespace enforced::plan {
namespace {

using Kind = PathGroup::Kind;
using Groups = std::vector<const PathGroup*>;

enforced_verdict verdict_of(policy::Action action) {
    switch (action) {
    case policy::Action::allow:
        return ENFORCED_ALLOW;
    case policy::Action::audit:
        return ENFORCED_LOG;
    case policy::Action::deny:
        return ENFORCED_DENY;
    case policy::Action::kill:
        return ENFORCED_KILL;
    }
    return ENFORCED_DENY;
}

/// What one policy says, as verdict cells.
class Opinion {
  public:
    Opinion(const Member& member, Verdicts& verdicts) : member_(member), verdicts_(verdicts) {}

    void add_to(PathRow& row, const Groups& matched) {
        if (member_.parts.file)
            add_files(row, applicable(matched));
        if (member_.parts.exec)
            add_exec(row, matched);
        if (member_.parts.unix_)
            add_sockets(row, matched);
    }

  private:
    /// The file rules that match and do not except the name, in their order.
    static Groups applicable(const Groups& matched) {
        Groups rules;
        for (const auto* group : matched)
            if (group->kind == Kind::path)
                rules.push_back(group);
            else if (group->kind == Kind::except && !rules.empty() && rules.back()->index == group->index)
                rules.pop_back();
        return rules;
    }

    void add(PathRow& row, std::size_t column, enforced_verdict verdict, std::string_view key) {
        const auto cell = verdicts_.cell(in_mode(verdict, member_.policy->mode), member_.policy->name, key);
        row[column] = severer(row[column], cell);
    }

    /// The severest of the rules that speak of `access` (bits of PathGroup::says); of equal ones the first.
    static const PathGroup* deciding(const Groups& rules, std::uint32_t access) {
        const PathGroup* best = nullptr;
        for (const auto* rule : rules)
            if (rule->says & access && (!best || verdict_of(rule->action) > verdict_of(best->action)))
                best = rule;
        return best;
    }

    void add_files(PathRow& row, const Groups& rules) {
        const auto& file = *member_.policy->file;
        for (std::uint32_t bit = 0; bit < 2 * ENFORCED_ACCESS_COUNT; bit++) {
            const auto* rule = deciding(rules, 1U << bit);
            if (rule)
                add(row, 1 + bit, verdict_of(rule->action), element("file.rule", rule->index));
            else if (1U << bit & member_.parts.accesses && file.default_.value == policy::Permission::deny)
                add(row, 1 + bit, ENFORCED_DENY, "file.default");
        }
    }

    static const PathGroup* find(const Groups& matched, Kind kind) {
        const auto found = std::ranges::find(matched, kind, &PathGroup::kind);
        return found == matched.end() ? nullptr : *found;
    }

    void add_exec(PathRow& row, const Groups& matched) {
        const bool by_default = member_.policy->exec->default_.value == policy::Permission::deny;
        if (const auto* denial = find(matched, Kind::exec_deny);
            denial && !find(matched, Kind::exec_except)) {
            const std::string key = element("exec.deny", denial->index);
            for (const std::size_t column : {ENFORCED_ROW_BY_NAME, ENFORCED_ROW_BY_IDENTITY}) {
                add(row, column + ENFORCED_RUN, ENFORCED_DENY, key);
                add(row, column + ENFORCED_MAP, ENFORCED_DENY, key);
            }
        } else if (by_default && !find(matched, Kind::exec_allow)) {
            add(row, ENFORCED_ROW_BY_NAME + ENFORCED_RUN, ENFORCED_DENY, "exec.default");
            if (!find(matched, Kind::library))
                add(row, ENFORCED_ROW_BY_NAME + ENFORCED_MAP, ENFORCED_DENY, "exec.default");
        }
    }

    void add_sockets(PathRow& row, const Groups& matched) {
        if (const auto* denial = find(matched, Kind::socket_deny);
            denial && !find(matched, Kind::socket_except)) {
            const std::string key = element("network.unix.deny", denial->index);
            add(row, ENFORCED_ROW_BY_NAME + ENFORCED_SOCKET, ENFORCED_DENY, key);
            add(row, ENFORCED_ROW_BY_IDENTITY + ENFORCED_SOCKET, ENFORCED_DENY, key);
        } else if (member_.policy->network->default_.value == policy::Permission::deny &&
                   !find(matched, Kind::socket_allow)) {
            add(row, ENFORCED_ROW_BY_NAME + ENFORCED_SOCKET, ENFORCED_DENY, "network.default");
        }
    }

    const Member& member_;
    Verdicts& verdicts_;
};

/// What is permitted, or would be if the policy were in force: a would-be refusal counts as one, so that
/// audit mode reports the links and renames that enforcement would refuse.
std::uint32_t permit_mask(const PathRow& row) {
    std::uint32_t mask = 0;
    for (std::uint32_t access = 0; access < ENFORCED_IMAGE; access++)
        if (ENFORCED_CELL_HIGH(row[ENFORCED_ROW_BY_NAME + access]) < ENFORCED_WOULD_DENY)
            mask |= 1U << access;
    return mask;
}

} // namespace

PathRow path_row(std::span<const Member> members, const std::vector<PathGroup>& groups,
                 std::span<const Nfa::Group> matched, Verdicts& verdicts) {
    PathRow row{};
    for (std::uint32_t number = 0; number < members.size(); number++) {
        Groups own;
        for (const auto id : matched)
            if (groups[id].member == number)
                own.push_back(&groups[id]);
        Opinion(members[number], verdicts).add_to(row, own);
    }
    row[0] = permit_mask(row);
    return row;
}

} // namespace enforced::plan
