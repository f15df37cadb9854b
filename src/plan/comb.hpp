// SPDX-License-Identifier: GPL-2.0-or-later
/// Rows of 256 cells that are nearly empty, laid over one another so that no two claim the same cell.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/dfa.hpp"

namespace enforced::plan {

/// Entries of many states, each at its state's base plus its byte.
class Comb {
  public:
    /// Places the edges of `state`, their targets offset by `shift`, and gives their base. First fit: the
    /// lowest base at which all cells are free.
    std::uint32_t place(std::uint32_t state, std::span<const Dfa::Edge> edges, std::uint32_t shift);

    /// Entries as abi/table.h has them, `check` being `state` + 1 and `next` relative.
    [[nodiscard]] const std::vector<std::uint64_t>& cells() const { return cells_; }

  private:
    [[nodiscard]] std::uint64_t free_from(std::size_t cell) const;
    [[nodiscard]] std::uint32_t fit(std::span<const Dfa::Edge> edges);
    void take(std::size_t cell, std::uint64_t entry);

    std::vector<std::uint64_t> cells_;
    std::vector<std::uint64_t> taken_; // bits
    std::size_t full_ = 0;             // words of `taken_` without a free bit, from the first on
};

} // namespace enforced::plan
