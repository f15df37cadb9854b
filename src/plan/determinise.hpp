// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <functional>
#include <vector>

#include "plan/dfa.hpp"
#include "plan/nfa.hpp"

namespace enforced::plan {

/// Whether a match of `settled`, once it holds for good, leaves nothing for `other` to change. A group always
/// settles itself, without being asked.
using Absorbs = std::function<bool(Nfa::Group settled, Nfa::Group other)>;

struct Determinised {
    Dfa dfa;                                     // a label is an index into `labels`
    std::vector<std::vector<Nfa::Group>> labels; // which groups match, sorted; 0 is none of them
};

/// The automaton would have more states than this; nothing that fits a bank comes near it.
struct Blowup {
    std::size_t states;
};

inline constexpr std::size_t max_subset_states = std::size_t{1} << 19;
inline constexpr std::size_t max_subset_nodes = std::size_t{1}
                                                << 25; // over all states: bounds time and memory

/// The subset construction. States in which a group is settled for good drop what that group absorbs, which
/// is what keeps lists such as `/**/.ssh/**`, `/**/.aws/**`, ... from doubling the automaton with each
/// element.
std::expected<Determinised, Blowup> determinise(const Nfa&, const Absorbs& = {});

} // namespace enforced::plan
