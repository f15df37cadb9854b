// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/names.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "abi/policy.h"
#include "plan/determinise.hpp"
#include "plan/minimise.hpp"
#include "plan/numbers.hpp"
#include "plan/pattern.hpp"

namespace enforced::plan {
namespace {

using Node = Nfa::Node;

/// Grows patterns over paths such as "/system.slice/system-foo.slice/foo@1.service".
///
/// systemd nests slices by their names: a-b.slice is in a.slice, always. So the last slice of a path says
/// which ones it is in, and a glob that governs by a slice is compared with that slice's name and those that
/// its name begins with ("a-b", "a"), not with every component. The automaton would otherwise have to tell
/// apart any combination of slices on the way down, of which nearly none exists.
///
/// Below the unit of a user's manager, after a newline, are that manager's units: whatever governs the
/// manager governs them, too, and what is called like a unit of PID 1's there is none.
class UnitPatterns {
  public:
    /// `users`: paths may have a newline.
    explicit UnitPatterns(bool users)
        : users_(users), component_(nfa_.step(nfa_.loop(Nfa::start, all_but('\n')), "/")) {}

    /// The unit itself, or a slice that it is in, matches the glob.
    void add(const policy::GlobSequence& glob, Nfa::Group group) {
        below_ = users_;
        grow(glob, group, {component_});
        if (matches_root_slice(glob))
            nfa_.accept(nfa_.loop(Nfa::start, any_byte()), group);
    }

    /// The same of a unit of the managers of these users; of all, if there are none.
    void add_of_users(const policy::GlobSequence& glob, Nfa::Group group,
                      const std::vector<policy::User>& users) {
        below_ = false;
        for (const Node manager : managers(users))
            grow(glob, group, {manager, nfa_.step(nfa_.loop(manager, all_but('\n')), "/")});
    }

    /// The unit itself has this name.
    void add_unit(std::string_view name, Nfa::Group group) {
        nfa_.accept(nfa_.step(component_, name), group);
    }

    /// The same of a unit of any user's manager.
    void add_user_unit(std::string_view name, Nfa::Group group) {
        for (const Node manager : managers({}))
            nfa_.accept(nfa_.step(manager, name), group);
    }

    [[nodiscard]] const Nfa& nfa() const { return nfa_; }

  private:
    void grow(const policy::GlobSequence& glob, Nfa::Group group, const std::vector<Node>& components) {
        const bool slices = !before_suffix(glob).empty();
        for (const Node component : components) {
            // systemd puts "_" before what could be taken for a file of the kernel's, such as memory.service.
            for (const Node begin : {component, nfa_.step(component, "_")}) {
                const Node end = append(nfa_, begin, glob);
                accept(end, group);
                if (slices)
                    add_slice(begin, end, group);
            }
        }
    }

    /// What governs a unit governs what is below it.
    void accept(Node end, Nfa::Group group) {
        nfa_.accept(end, group);
        if (below_)
            nfa_.accept(nfa_.loop(nfa_.step(end, "\n"), any_byte()), group);
    }

    /// Behind the newline of the managers of these users.
    std::vector<Node> managers(const std::vector<policy::User>& users) {
        const Node begin = nfa_.step(component_, "user@");
        std::vector<Node> numbers, ends;
        for (const auto& user : users)
            if (user.ids)
                numbers.push_back(append_number(nfa_, begin, user.ids->first, user.ids->last));
        if (users.empty())
            numbers.push_back(append_number(nfa_, begin, 0, std::numeric_limits<std::uint32_t>::max()));
        for (const Node number : numbers)
            ends.push_back(nfa_.step(number, ".service\n"));
        return ends;
    }

    /// The last slice of the path is the one that the glob matches, or within that.
    void add_slice(Node begin, Node end, Nfa::Group group) {
        for (const Node stem : before_suffix(nfa_, begin, end)) {
            const Node below = nfa_.loop(nfa_.step(stem, "-"), in_name());
            for (const Node name : {stem, below}) {
                const Node slice = nfa_.step(name, suffix);
                accept(slice, group);
                add_non_slice(nfa_.step(slice, "/"), group);
            }
        }
    }

    /// Any component that does not end in ".slice": from the end, it differs from that at some byte. Shorter
    /// ones than that are no unit's.
    void add_non_slice(Node begin, Nfa::Group group) {
        const Node any = nfa_.loop(begin, in_name());
        for (std::size_t i = 0; i < suffix.size(); i++) {
            ByteSet other = in_name();
            other.reset(static_cast<unsigned char>(suffix[i]));
            accept(nfa_.step(nfa_.step(any, other), suffix.substr(i + 1)), group);
        }
    }

    /// The nodes from which ".slice" leads to `end`: what the glob matches before it is the stem of a slice's
    /// name.
    static std::vector<Node> before_suffix(const Nfa& nfa, Node begin, Node end) {
        std::vector<Node> nodes{begin};
        std::vector<bool> seen(nfa.states().size());
        seen[begin] = true;
        const auto visit = [&](Node node) {
            if (!seen[node]) {
                seen[node] = true;
                nodes.push_back(node);
            }
        };
        for (std::size_t i = 0; i < nodes.size(); i++) {
            const auto& state = nfa.states()[nodes[i]];
            std::ranges::for_each(state.silent, visit);
            for (const auto& move : state.moves)
                visit(move.to);
        }
        std::erase_if(nodes, [&](Node node) { return !leads(nfa, node, suffix, end); });
        return nodes;
    }

    /// The same of the glob alone, which is soon found out: most globs name no slice.
    static std::vector<Node> before_suffix(const policy::GlobSequence& glob) {
        Nfa nfa;
        const Node end = append(nfa, Nfa::start, glob);
        return before_suffix(nfa, Nfa::start, end);
    }

    static bool matches_root_slice(const policy::GlobSequence& glob) {
        Nfa nfa;
        return leads(nfa, Nfa::start, "-.slice", append(nfa, Nfa::start, glob));
    }

    static ByteSet in_name() {
        ByteSet bytes = all_but('/');
        bytes.reset('\n');
        return bytes;
    }

    static constexpr std::string_view suffix = ".slice";
    Nfa nfa_;
    bool users_;
    bool below_ = false; // what governs a unit that is being added governs its users' units
    Node component_;
};

std::unexpected<Error> too_many_names(std::size_t policies) {
    return failure("the unit names of the " + std::to_string(policies) +
                   " policies multiply to an automaton of more than " + std::to_string(max_subset_states) +
                   " states; name fewer slices, and use fewer \"*\"");
}

/// Gives each combination of policies a number, in the order of the states.
std::uint32_t number(std::map<std::vector<std::size_t>, std::uint32_t>& numbers,
                     std::vector<std::size_t> combination, Names& names) {
    const auto [found, fresh] =
        numbers.try_emplace(combination, static_cast<std::uint32_t>(names.combinations.size()));
    if (fresh)
        names.combinations.push_back(std::move(combination));
    return found->second;
}

} // namespace

Result<Names> compile_names(std::span<const policy::Policy* const> policies) {
    const auto count = static_cast<Nfa::Group>(policies.size());
    const Nfa::Group users = count, exempt = 2 * count, exempt_of_users = exempt + 1;
    const bool any_users =
        std::ranges::any_of(policies, [](const auto* policy) { return !policy->user_units.empty(); });
    // Also where no policy speaks of users' units: some may be known from a set before this one.
    UnitPatterns patterns(true);
    for (Nfa::Group i = 0; i < count; i++) {
        for (const auto& glob : policies[i]->units)
            patterns.add(*policy::parse_glob(glob.text), i);
        for (const auto& glob : policies[i]->user_units)
            patterns.add_of_users(*policy::parse_glob(glob.text), users + i, policies[i]->users);
    }
    // We would lock ourselves out of the maps, or PID 1 out of everything.
    for (const auto* name : {"enforced.service", "init.scope"})
        patterns.add_unit(name, exempt);
    if (any_users) // it is the manager itself
        patterns.add_user_unit("init.scope", exempt_of_users);

    auto determinised = determinise(patterns.nfa());
    if (!determinised)
        return too_many_names(policies.size());

    Names names;
    std::map<std::vector<std::size_t>, std::uint32_t> numbers;
    number(numbers, {}, names);
    std::vector<std::uint32_t> number_of_label;
    for (const auto& label : determinised->labels) {
        const auto has = [&](Nfa::Group group) { return std::ranges::find(label, group) != label.end(); };
        std::set<std::size_t> governing;
        for (const Nfa::Group group : label)
            if (group < users || (group < exempt && !has(exempt_of_users)))
                governing.insert(group % std::max<Nfa::Group>(count, 1));
        if (has(exempt))
            governing.clear();
        number_of_label.push_back(number(numbers, {governing.begin(), governing.end()}, names));
    }
    if (names.combinations.size() > ENFORCED_SETS)
        return failure(
            "the policies can come together on units in " + std::to_string(names.combinations.size() - 1) +
            " ways, of which there may be " + std::to_string(ENFORCED_SETS - 1) +
            "; each policy that names a slice, or many units by a glob, multiplies them: have fewer "
            "of those, or say the same in fewer policies");
    for (auto& state : determinised->dfa.states)
        state.label = number_of_label[state.label];
    names.dfa = minimise(determinised->dfa);
    return names;
}

Result<Table> compile_release(std::span<const policy::Policy* const> policies) {
    UnitPatterns patterns(false);
    for (Nfa::Group i = 0; i < policies.size(); i++)
        for (const auto& glob : policies[i]->release_to)
            patterns.add(*policy::parse_glob(glob.text), i);
    auto determinised = determinise(patterns.nfa());
    if (!determinised)
        return too_many_names(policies.size());
    for (auto& state : determinised->dfa.states)
        state.label = determinised->labels[state.label].size() == policies.size() ? 1 : 0;
    Table table{.dfa = minimise(determinised->dfa), .accepts = {}, .rows = {}};
    for (const auto& state : table.dfa.states)
        table.accepts.push_back(state.label);
    return table;
}

} // namespace enforced::plan
