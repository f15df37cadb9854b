// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/encode.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "plan/compile.hpp"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

plan::Plan two_sets() {
    const std::vector policies{
        read_policy("a", "units = [\"a.service\"]\n[exec]\nanonymous = \"deny\"\n"),
        read_policy("b", "units = [\"b.service\"]\n[file]\ndefault = \"deny\"\n"),
    };
    return *plan::compile(policies, every_hook());
}

TEST(PlanEncode, TheTwoParitiesDifferInNumbersOnly) {
    const auto plan = two_sets();
    const auto even = plan::encode(plan, 0), odd = plan::encode(plan, 1);
    ASSERT_EQ(even.sets.size(), 2U);
    ASSERT_EQ(odd.sets.size(), 2U);
    EXPECT_EQ(even.names.bank + ENFORCED_BANKS, odd.names.bank);
    for (std::size_t i = 0; i < even.sets.size(); i++) {
        EXPECT_EQ(even.sets[i].id, i + 1);
        EXPECT_EQ(odd.sets[i].id, ENFORCED_SETS + i + 1);
        EXPECT_EQ(even.sets[i].value.bank + ENFORCED_BANKS, odd.sets[i].value.bank);
        EXPECT_EQ(even.sets[i].value.flags, odd.sets[i].value.flags);
    }
    ASSERT_EQ(even.banks.size(), odd.banks.size());
    for (std::size_t i = 0; i < even.banks.size(); i++) {
        EXPECT_EQ(odd.banks[i].index, ENFORCED_BANKS + i);
        EXPECT_EQ(odd.banks[i].cells, even.banks[i].cells);
        EXPECT_LE(even.banks[i].cells->size(), std::size_t{ENFORCED_BANK_CELLS});
    }
}

TEST(PlanEncode, StateZeroIsNobodys) {
    const auto plan = two_sets();
    EXPECT_NE(plan.names.dfa.start, 0U);
    for (const auto& bank : plan.banks)
        EXPECT_EQ(bank[0], 0U);
    for (std::size_t i = 1; i < plan.sets.size(); i++) {
        const auto& value = plan.sets[i].value;
        EXPECT_NE(value.paths.start, 0U);
        EXPECT_EQ(value.network.start, 0U);
        const auto& bank = plan.banks[value.bank];
        ASSERT_LE(value.rules + value.rule_count, bank.size());
        EXPECT_EQ(bank[value.rules], 0U) << "index 0 is no rule";
        for (std::uint32_t rule = 1; rule < value.rule_count; rule++)
            EXPECT_NE(std::ranges::find(plan.rules, bank[value.rules + rule], &plan::Rule::id),
                      plan.rules.end());
    }
}

} // namespace
} // namespace enforced::test
