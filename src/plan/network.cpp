// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/network.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <iterator>

#include "plan/determinise.hpp"
#include "plan/minimise.hpp"
#include "plan/pattern.hpp"

namespace enforced::plan {
namespace {

/// What a match of some endpoints means: of a whole allow or except list, or of one element of a deny list.
struct EndpointGroup {
    enum class Kind { allow, except, deny };
    std::uint32_t member = 0;
    enforced_network_op operation = ENFORCED_CONNECT;
    Kind kind = Kind::allow;
    std::size_t index = 0;
};
using Kind = EndpointGroup::Kind;

/// In the order of enum enforced_network_op. The group of the same place matches every operation of the kind,
/// so that what matches nothing else is known for what it is.
constexpr enforced_network_op operations[] = {ENFORCED_CONNECT, ENFORCED_BIND, ENFORCED_ACCEPT};
constexpr Nfa::Group first_rule = std::size(operations);

bool rules(const Parts& parts, enforced_network_op operation) {
    switch (operation) {
    case ENFORCED_CONNECT:
        return parts.connect;
    case ENFORCED_BIND:
        return parts.bind;
    case ENFORCED_ACCEPT:
        return parts.accept;
    }
    return false;
}

class EndpointGroups {
  public:
    explicit EndpointGroups(std::span<const Member> members) : members_(members), groups_(first_rule) {
        for (Nfa::Group kind = 0; kind < first_rule; kind++)
            nfa_.accept(nfa_.loop(begin(operations[kind]), any_byte()), kind);
        for (std::uint32_t number = 0; number < members.size(); number++)
            for (const auto operation : operations)
                if (rules(members[number].parts, operation))
                    add(number, operation, rules_of(*members[number].policy->network, operation));
    }

    [[nodiscard]] const Nfa& nfa() const { return nfa_; }

    /// The verdict cell for what these groups match, and no others.
    [[nodiscard]] std::uint64_t verdict(const std::vector<Nfa::Group>& matched, Verdicts& verdicts) const {
        if (matched.empty() || matched.front() >= first_rule) // no operation that we know of
            return 0;
        const auto operation = operations[matched.front()];
        std::uint64_t cell = 0;
        for (std::uint32_t number = 0; number < members_.size(); number++) {
            const auto& [policy, parts] = members_[number];
            if (!rules(parts, operation))
                continue;
            const auto key = refusing_rule(number, operation, matched);
            if (!key.empty())
                cell = severer(cell, verdicts.cell(in_mode(ENFORCED_DENY, policy->mode), policy->name, key));
        }
        return cell;
    }

  private:
    Nfa::Node begin(enforced_network_op operation) {
        return nfa_.step(Nfa::start, only(static_cast<unsigned char>(operation)));
    }

    void add(std::uint32_t member, enforced_network_op operation, const policy::EndpointRules& rules) {
        for (const auto& [list, kind] :
             {std::pair(&rules.allow, Kind::allow), {&rules.except, Kind::except}}) {
            if (!list->empty())
                groups_.push_back({member, operation, kind, 0});
            for (const auto& endpoint : *list)
                accept(operation, endpoint);
        }
        for (std::size_t i = 0; i < rules.deny.size(); i++) {
            groups_.push_back({member, operation, Kind::deny, i});
            accept(operation, rules.deny[i]);
        }
    }

    void accept(enforced_network_op operation, const policy::Endpoint& endpoint) {
        for (const auto end : append(nfa_, begin(operation), endpoint))
            nfa_.accept(end, static_cast<Nfa::Group>(groups_.size() - 1));
    }

    /// The key of the rule by which a policy refuses; empty if it does not.
    [[nodiscard]] std::string refusing_rule(std::uint32_t member, enforced_network_op operation,
                                            const std::vector<Nfa::Group>& matched) const {
        bool allowed = members_[member].policy->network->default_.value == policy::Permission::allow;
        bool excepted = false; // known before the denials: its group comes before theirs
        for (const auto id : matched) {
            const auto& group = groups_[id];
            if (id < first_rule || group.member != member)
                continue;
            allowed = allowed || group.kind == Kind::allow;
            excepted = excepted || group.kind == Kind::except;
            if (group.kind == Kind::deny && !excepted)
                return element(std::string(key_of(operation)) + ".deny", group.index);
        }
        return allowed ? "" : "network.default";
    }

    std::span<const Member> members_;
    std::vector<EndpointGroup> groups_;
    Nfa nfa_;
};

/// Raw and packet types give what the rules of connecting and binding do not see. In the families below they
/// are the ordinary type and see no more than that.
bool raw_is_ordinary(int family) {
    return family != AF_INET && family != AF_INET6;
}

bool permits(const std::vector<policy::Family>& listed, int family, bool raw) {
    return std::ranges::find(listed, family, &policy::Family::number) != listed.end() &&
           (!raw || raw_is_ordinary(family));
}

} // namespace

const policy::EndpointRules& rules_of(const policy::Network& network, enforced_network_op operation) {
    switch (operation) {
    case ENFORCED_BIND:
        return network.bind;
    case ENFORCED_ACCEPT:
        return network.accept;
    case ENFORCED_CONNECT:
        break;
    }
    return network.connect;
}

std::string_view key_of(enforced_network_op operation) {
    switch (operation) {
    case ENFORCED_BIND:
        return "network.bind";
    case ENFORCED_ACCEPT:
        return "network.accept";
    case ENFORCED_CONNECT:
        break;
    }
    return "network.connect";
}

Result<Table> compile_network(std::span<const Member> members, Verdicts& verdicts) {
    const EndpointGroups groups(members);
    auto determinised = determinise(groups.nfa());
    if (!determinised)
        return failure("policy " + members.front().policy->name +
                       ": the network rules multiply to an automaton of more than " +
                       std::to_string(max_subset_states) + " states; use fewer ranges that overlap");

    Table table;
    std::vector<std::uint32_t> row_of_label;
    for (const auto& label : determinised->labels) {
        const auto cell = groups.verdict(label, verdicts);
        const auto found = std::ranges::find(table.rows, cell);
        row_of_label.push_back(static_cast<std::uint32_t>(found - table.rows.begin()));
        if (found == table.rows.end())
            table.rows.push_back(cell);
    }
    for (auto& state : determinised->dfa.states)
        state.label = row_of_label[state.label];
    table.dfa = minimise(determinised->dfa);
    for (const auto& state : table.dfa.states)
        table.accepts.push_back(state.label);
    return table;
}

FamilyCells family_cells(std::span<const Member> members, Verdicts& verdicts) {
    FamilyCells cells{};
    for (const auto& [policy, parts] : members) {
        if (!parts.families)
            continue;
        const auto refusal =
            verdicts.cell(in_mode(ENFORCED_DENY, policy->mode), policy->name, "network.families");
        for (std::size_t i = 0; i < cells.size(); i++)
            if (!permits(*policy->network->families, static_cast<int>(i % ENFORCED_FAMILIES),
                         i >= ENFORCED_FAMILIES))
                cells[i] = severer(cells[i], refusal);
    }
    return cells;
}

} // namespace enforced::plan
