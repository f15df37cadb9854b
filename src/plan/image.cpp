// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/image.hpp"

#include <algorithm>
#include <numeric>

namespace enforced::plan {

std::uint32_t Image::add(std::span<const std::uint64_t> cells) {
    const auto offset = static_cast<std::uint32_t>(data_.size());
    data_.insert(data_.end(), cells.begin(), cells.end());
    return offset;
}

Extent Image::add(const Dfa& dfa, std::span<const std::uint64_t> accepts,
                  std::span<const std::uint64_t> rows) {
    const auto start = static_cast<std::uint32_t>(states_.size());
    const auto count = static_cast<std::uint32_t>(dfa.states.size());

    // The widest states first: those with a single edge, which are nearly all, then fill every gap.
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [&](std::uint32_t s) { return dfa.states[s].count; });

    states_.resize(start + count);
    for (const std::uint32_t s : order)
        states_[start + s] =
            ENFORCED_CELL(comb_.place(start + s, edges_of(dfa, s), start), dfa.states[s].otherwise + start);
    accepts_.insert(accepts_.end(), accepts.begin(), accepts.end());
    return {start, count, add(rows)};
}

std::size_t Image::cells() const {
    return states_.size() + accepts_.size() + data_.size() + comb_.cells().size();
}

} // namespace enforced::plan
