// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/names.hpp"

#include <algorithm>
#include <map>

#include "abi/policy.h"
#include "plan/determinise.hpp"
#include "plan/minimise.hpp"
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
class UnitPatterns {
  public:
    UnitPatterns() : component_(nfa_.step(nfa_.loop(Nfa::start, any_byte()), "/")) {}

    /// The unit itself, or a slice that it is in, matches the glob.
    void add(const policy::GlobSequence& glob, Nfa::Group group) {
        const bool slices = !before_suffix(glob).empty();
        for (const Node begin : names()) {
            const Node end = append(nfa_, begin, glob);
            nfa_.accept(end, group);
            if (slices)
                add_slice(begin, end, group);
        }
        if (matches_root_slice(glob))
            nfa_.accept(nfa_.loop(Nfa::start, any_byte()), group);
    }

    /// The unit itself has this name.
    void add_unit(std::string_view name, Nfa::Group group) {
        nfa_.accept(nfa_.step(component_, name), group);
    }

    [[nodiscard]] const Nfa& nfa() const { return nfa_; }

  private:
    /// Where a component's name begins. systemd puts "_" before what could be taken for a file of the
    /// kernel's, such as memory.service.
    std::vector<Node> names() { return {component_, nfa_.step(component_, "_")}; }

    /// The last slice of the path is the one that the glob matches, or within that.
    void add_slice(Node begin, Node end, Nfa::Group group) {
        for (const Node stem : before_suffix(nfa_, begin, end)) {
            const Node below = nfa_.loop(nfa_.step(stem, "-"), all_but('/'));
            for (const Node name : {stem, below}) {
                const Node slice = nfa_.step(name, suffix);
                nfa_.accept(slice, group);
                add_non_slice(nfa_.step(slice, "/"), group);
            }
        }
    }

    /// Any component that does not end in ".slice": from the end, it differs from that at some byte. Shorter
    /// ones than that are no unit's.
    void add_non_slice(Node begin, Nfa::Group group) {
        const Node any = nfa_.loop(begin, all_but('/'));
        for (std::size_t i = 0; i < suffix.size(); i++) {
            ByteSet other = all_but('/');
            other.reset(static_cast<unsigned char>(suffix[i]));
            nfa_.accept(nfa_.step(nfa_.step(any, other), suffix.substr(i + 1)), group);
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

    static constexpr std::string_view suffix = ".slice";
    Nfa nfa_;
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
    const auto exempt = static_cast<Nfa::Group>(policies.size());
    UnitPatterns patterns;
    for (Nfa::Group i = 0; i < policies.size(); i++)
        for (const auto& glob : policies[i]->units)
            patterns.add(*policy::parse_glob(glob.text), i);
    // We would lock ourselves out of the maps, or PID 1 out of everything.
    for (const auto* name : {"enforced.service", "init.scope"})
        patterns.add_unit(name, exempt);

    auto determinised = determinise(patterns.nfa());
    if (!determinised)
        return too_many_names(policies.size());

    Names names;
    std::map<std::vector<std::size_t>, std::uint32_t> numbers;
    number(numbers, {}, names);
    std::vector<std::uint32_t> number_of_label;
    for (const auto& label : determinised->labels) {
        const bool governed = label.empty() || label.back() != exempt;
        number_of_label.push_back(governed ? number(numbers, {label.begin(), label.end()}, names) : 0);
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
    UnitPatterns patterns;
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
