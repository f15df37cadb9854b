// SPDX-License-Identifier: GPL-2.0-or-later
/// Compiled paths against their meaning, on random policies and names.
#include <gtest/gtest.h>

#include "plan/compile.hpp"
#include "plan/evaluate.hpp"
#include "support/naive.hpp"
#include "support/policy.hpp"
#include "support/random_policy.hpp"

namespace enforced::test {
namespace {

constexpr unsigned policies = 5000;
constexpr unsigned names_each = 210;

std::string describe(const std::vector<policy::Policy>& together, const std::string& name, unsigned access) {
    std::string text = "access " + std::to_string(access) + " to \"" + name + "\"";
    for (const auto& policy : together)
        for (const auto& glob : globs_of(policy))
            text += "\n  " + policy.name + ": " + glob;
    return text;
}

TEST(PlanPathProperty, TablesSayWhatThePoliciesMean) {
    Dice dice(20240501);
    std::size_t pairs = 0, refusals = 0, free = 0;
    for (unsigned round = 0; round < policies; round++) {
        std::vector<policy::Policy> together;
        for (unsigned i = 0, count = 1 + dice.roll(3); i < count; i++)
            together.push_back(random_path_policy(dice, "p" + std::to_string(i)));
        const auto plan = plan::compile(together, every_hook());
        ASSERT_TRUE(plan) << plan.error().message;
        const plan::Evaluator evaluator(*plan);
        const auto set = evaluator.set_of("/system.slice/test.service");
        ASSERT_NE(set, 0U);

        std::vector<std::string> globs;
        for (const auto& policy : together)
            for (auto& glob : globs_of(policy))
                globs.push_back(std::move(glob));
        for (unsigned i = 0; i < names_each; i++, pairs++) {
            const std::string name = random_name(dice, dice.pick(globs));
            const auto access = static_cast<enforced_access>(dice.roll(ENFORCED_ACCESS_COUNT));
            const auto expected = naive_by_name(together, name, access);
            ASSERT_EQ(spell_out(*plan, evaluator.by_name(set, name, access)), expected)
                << describe(together, name, access);
            ASSERT_EQ(spell_out(*plan, evaluator.by_identity(set, name, access)),
                      naive_by_identity(together, name, access))
                << "by identity, " << describe(together, name, access);
            if (access < ENFORCED_IMAGE) {
                ASSERT_EQ((evaluator.permitted(set, name) & 1U << access) != 0,
                          expected.verdict < ENFORCED_WOULD_DENY)
                    << "permitted, " << describe(together, name, access);
            }
            if (evaluator.free_below(set, name)) {
                free++;
                std::string rest = random_name(dice, dice.pick(globs));
                rest[0] = '/'; // where it is that of an abstract socket
                const std::string below = name + rest;
                ASSERT_EQ(evaluator.permitted(set, name) & evaluator.permitted(set, below),
                          policy::access_all)
                    << "below, " << describe(together, below, access);
            }
            refusals += expected.verdict >= ENFORCED_WOULD_DENY;
        }
    }
    std::cout << pairs << " pairs, " << refusals << " refused\n";
    EXPECT_GE(pairs, 1000000U);
    EXPECT_GT(refusals, pairs / 20);
    EXPECT_LT(refusals, pairs * 19 / 20);
    EXPECT_GT(free, 10000U);
}

} // namespace
} // namespace enforced::test
