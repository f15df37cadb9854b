// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dfa.hpp"

#include <algorithm>

namespace enforced::plan {

std::span<const Dfa::Edge> edges_of(const Dfa& dfa, std::uint32_t state) {
    return std::span(dfa.edges).subspan(dfa.states[state].first, dfa.states[state].count);
}

std::uint32_t run(const Dfa& dfa, std::uint32_t state, std::string_view bytes) {
    for (const char c : bytes) {
        const auto edges = edges_of(dfa, state);
        const auto byte = static_cast<std::uint8_t>(c);
        const auto found = std::ranges::lower_bound(edges, byte, {}, &Dfa::Edge::byte);
        state = found != edges.end() && found->byte == byte ? found->target : dfa.states[state].otherwise;
    }
    return state;
}

std::vector<bool> reaches(const Dfa& dfa, const std::vector<bool>& wanted) {
    std::vector<std::vector<std::uint32_t>> sources(dfa.states.size());
    for (std::uint32_t s = 0; s < dfa.states.size(); s++) {
        if (dfa.states[s].count < 256)
            sources[dfa.states[s].otherwise].push_back(s);
        for (const auto& edge : edges_of(dfa, s))
            sources[edge.target].push_back(s);
    }

    std::vector<bool> reached = wanted;
    std::vector<std::uint32_t> todo;
    for (std::uint32_t s = 0; s < reached.size(); s++)
        if (reached[s])
            todo.push_back(s);
    while (!todo.empty()) {
        const std::uint32_t s = todo.back();
        todo.pop_back();
        for (const std::uint32_t source : sources[s])
            if (!reached[source]) {
                reached[source] = true;
                todo.push_back(source);
            }
    }
    return reached;
}

} // namespace enforced::plan
