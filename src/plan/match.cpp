// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/match.hpp"

#include <algorithm>

#include "plan/nfa.hpp"
#include "plan/pattern.hpp"
#include "policy/glob.hpp"

namespace enforced::plan {

bool matches(const policy::Glob& glob, std::string_view name) {
    const auto sequence = policy::parse_glob(glob.text);
    if (!sequence)
        return false;
    Nfa nfa;
    const Nfa::Node end = append(nfa, Nfa::start, *sequence);
    return leads(nfa, Nfa::start, name, end);
}

bool matches(const policy::Endpoint& endpoint, const Destination& to) {
    Nfa nfa;
    const auto ends = append(nfa, Nfa::start, endpoint);
    const std::string bytes = spell(to).substr(1);
    return std::ranges::any_of(ends, [&](Nfa::Node end) { return leads(nfa, Nfa::start, bytes, end); });
}

} // namespace enforced::plan
