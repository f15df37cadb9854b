// SPDX-License-Identifier: GPL-2.0-or-later
/// Tables before they have a place in a bank: the automata of one set and what they refer to, all numbers
/// relative, so that laying out a bank is only adding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "abi/table.h"
#include "plan/comb.hpp"
#include "plan/dfa.hpp"

namespace enforced::plan {

/// Where an automaton lies in an image.
struct Extent {
    std::uint32_t start = 0;  // state number in the image
    std::uint32_t states = 0; // how many; `start` is the first
    std::uint32_t rows = 0;   // offset into the image's data
};

class Image {
  public:
    /// Adds an automaton; `accepts` holds the accept cell of each of its states, `rows` what their low halves
    /// index.
    Extent add(const Dfa&, std::span<const std::uint64_t> accepts, std::span<const std::uint64_t> rows);
    /// Adds cells that no automaton refers to, and gives their offset in the image's data.
    std::uint32_t add(std::span<const std::uint64_t> cells);

    [[nodiscard]] std::size_t cells() const;
    [[nodiscard]] std::size_t states() const { return states_.size(); }
    /// By state: low half offset into the comb, high half a state number in the image.
    [[nodiscard]] const std::vector<std::uint64_t>& state_cells() const { return states_; }
    [[nodiscard]] const std::vector<std::uint64_t>& accept_cells() const { return accepts_; }
    [[nodiscard]] const std::vector<std::uint64_t>& data() const { return data_; }
    [[nodiscard]] const std::vector<std::uint64_t>& comb() const { return comb_.cells(); }

  private:
    std::vector<std::uint64_t> states_;
    std::vector<std::uint64_t> accepts_;
    std::vector<std::uint64_t> data_;
    Comb comb_;
};

} // namespace enforced::plan
