// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/comb.hpp"

#include <bit>

#include "abi/table.h"

namespace enforced::plan {

/// Bit i: whether cell + i is free. What lies beyond the end is.
std::uint64_t Comb::free_from(std::size_t cell) const {
    const auto word = [this](std::size_t i) { return i < taken_.size() ? ~taken_[i] : ~std::uint64_t{0}; };
    const std::size_t offset = cell % 64;
    const std::uint64_t low = word(cell / 64) >> offset;
    return offset == 0 ? low : low | word(cell / 64 + 1) << (64 - offset);
}

std::uint32_t Comb::fit(std::span<const Dfa::Edge> edges) {
    while (full_ < taken_.size() && ~taken_[full_] == 0)
        full_++;
    // The first edge cannot lie below the first free cell; 64 bases are tried at a time.
    const std::size_t lowest = full_ * 64;
    const std::size_t first = edges.front().byte;
    for (std::size_t base = lowest > first ? lowest - first : 0;; base += 64) {
        std::uint64_t fits = ~std::uint64_t{0};
        for (const auto& edge : edges) {
            fits &= free_from(base + edge.byte);
            if (fits == 0)
                break;
        }
        if (fits != 0)
            return static_cast<std::uint32_t>(base + std::countr_zero(fits));
    }
}

void Comb::take(std::size_t cell, std::uint64_t entry) {
    if (cell >= cells_.size())
        cells_.resize(cell + 1);
    if (cell / 64 >= taken_.size())
        taken_.resize(cell / 64 + 1);
    cells_[cell] = entry;
    taken_[cell / 64] |= std::uint64_t{1} << cell % 64;
}

std::uint32_t Comb::place(std::uint32_t state, std::span<const Dfa::Edge> edges, std::uint32_t shift) {
    if (edges.empty())
        return 0;
    const std::uint32_t base = fit(edges);
    for (const auto& edge : edges)
        take(base + edge.byte, ENFORCED_CELL(state + 1, edge.target + shift));
    return base;
}

} // namespace enforced::plan
