// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/comb.hpp"

#include <gtest/gtest.h>

#include <random>

#include "abi/table.h"

namespace enforced::plan {
namespace {

TEST(PlanComb, RowsShareTheirGaps) {
    Comb comb;
    EXPECT_EQ(comb.place(0, std::vector<Dfa::Edge>{{'a', 1}, {'c', 2}}, 0), 0U);
    EXPECT_EQ(comb.place(1, std::vector<Dfa::Edge>{{'b', 3}}, 0), 0U) << "between the two";
    EXPECT_EQ(comb.place(2, std::vector<Dfa::Edge>{{'a', 4}}, 0), 3U) << "behind them";
    EXPECT_EQ(comb.cells().size(), std::size_t{'d'} + 1);
}

TEST(PlanComb, NoEntryOverwritesAnother) {
    Comb comb;
    std::mt19937 random(7);
    std::vector<std::pair<std::uint32_t, std::vector<Dfa::Edge>>> placed;
    std::size_t entries = 0;
    for (std::uint32_t state = 0; state < 3000; state++) {
        std::vector<Dfa::Edge> edges;
        for (unsigned byte = 0; byte < 256; byte++)
            if (random() % (state < 20 ? 3 : 80) == 0)
                edges.push_back(
                    {static_cast<std::uint8_t>(byte), static_cast<std::uint32_t>(random() % 3000)});
        placed.emplace_back(comb.place(state, edges, 100), edges);
        entries += edges.size();
    }
    for (std::uint32_t state = 0; state < placed.size(); state++)
        for (const auto& edge : placed[state].second)
            ASSERT_EQ(comb.cells()[placed[state].first + edge.byte],
                      ENFORCED_CELL(state + 1, edge.target + 100));
    EXPECT_LT(comb.cells().size(), entries * 3 / 2) << "the gaps are filled";
}

} // namespace
} // namespace enforced::plan
