// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/layout.hpp"

#include <gtest/gtest.h>

#include "abi/policy.h"
#include "lib/automaton.h"

namespace enforced::plan {
namespace {

/// An automaton that reads one byte: `yes` leads to row 1, all else to row 0.
Dfa one_byte(std::uint8_t yes) {
    Dfa dfa;
    dfa.states = {{.otherwise = 1, .first = 0, .count = 1, .label = 0},
                  {.otherwise = 1, .first = 1},
                  {.otherwise = 1, .first = 1}};
    dfa.edges = {{yes, 2}};
    return dfa;
}

std::uint64_t answer(const Bank& bank, const enforced_dfa& dfa, std::uint8_t byte) {
    std::vector<__u64> cells(bank.begin(), bank.end());
    cells.resize(ENFORCED_BANK_CELLS);
    const auto state = enforced_step(cells.data(), &dfa, dfa.start, byte);
    return enforced_row_cell(cells.data(), &dfa,
                             ENFORCED_CELL_LOW(enforced_accept(cells.data(), &dfa, state)), 1, 0);
}

TEST(PlanLayout, ImagesOfOneBankDoNotMeet) {
    std::vector<Image> images(5);
    std::vector<Extent> extents;
    for (std::size_t i = 0; i < images.size(); i++) {
        const std::vector<std::uint64_t> accepts{0, 0, 1}, rows{10 * i, 10 * i + 1};
        images[i].add(std::vector<std::uint64_t>{7, 7});
        extents.push_back(images[i].add(one_byte(static_cast<std::uint8_t>('a' + i)), accepts, rows));
    }
    const auto layout = lay_out(images);
    ASSERT_TRUE(layout) << layout.error().message;
    ASSERT_EQ(layout->banks.size(), 1U);
    for (std::size_t i = 0; i < images.size(); i++)
        for (unsigned byte = 0; byte < 256; byte++)
            ASSERT_EQ(answer(layout->banks[0], dfa_at(layout->places[i], extents[i]),
                             static_cast<std::uint8_t>(byte)),
                      10 * i + (byte == 'a' + i));
}

Image filled(std::size_t cells) {
    Image image;
    image.add(std::vector<std::uint64_t>(cells));
    return image;
}

TEST(PlanLayout, EachImageGoesWhereItFitsFirst) {
    std::vector<Image> images;
    for (const std::size_t cells : {bank_room / 2, bank_room * 3 / 4, bank_room / 4, bank_room / 2})
        images.push_back(filled(cells));
    const auto layout = lay_out(images);
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->banks.size(), 2U);
    EXPECT_EQ(layout->places[1].bank, layout->places[2].bank);
    EXPECT_EQ(layout->places[0].bank, layout->places[3].bank);
}

TEST(PlanLayout, AFullBankKeepsItsSize) {
    const std::vector<Image> images{filled(bank_room)};
    const auto layout = lay_out(images);
    ASSERT_TRUE(layout);
    EXPECT_LE(layout->banks.front().size(), std::size_t{ENFORCED_BANK_CELLS});
}

TEST(PlanLayout, SaysByHowMuchItIsTooMuch) {
    const std::vector<Image> images(ENFORCED_BANKS + 1, filled(bank_room));
    const auto layout = lay_out(images);
    ASSERT_FALSE(layout);
    EXPECT_NE(layout.error().message.find(std::to_string(bank_room * images.size())), std::string::npos)
        << layout.error().message;
}

} // namespace
} // namespace enforced::plan
