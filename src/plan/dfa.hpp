// SPDX-License-Identifier: GPL-2.0-or-later
/// Deterministic automata over bytes, as sparse as they come: most states of a set of paths go on by one byte
/// and fail on all others.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace enforced::plan {

/// State 0 is the start. What a label means is the business of whoever put it there.
struct Dfa {
    struct Edge {
        std::uint8_t byte;
        std::uint32_t target;

        friend bool operator==(const Edge&, const Edge&) = default;
    };
    struct State {
        std::uint32_t otherwise = 0; // where bytes without an edge lead
        std::uint32_t first = 0;     // its edges are edges[first] and on, in the order of their bytes
        std::uint32_t count = 0;
        std::uint32_t label = 0;

        friend bool operator==(const State&, const State&) = default;
    };
    std::vector<State> states;
    std::vector<Edge> edges;

    friend bool operator==(const Dfa&, const Dfa&) = default;
};

std::span<const Dfa::Edge> edges_of(const Dfa&, std::uint32_t state);

/// The state after `bytes`, from `state` on.
std::uint32_t run(const Dfa&, std::uint32_t state, std::string_view bytes);

/// For each state: whether some state that `wanted` says true of can be reached from it, itself included.
std::vector<bool> reaches(const Dfa&, const std::vector<bool>& wanted);

} // namespace enforced::plan
