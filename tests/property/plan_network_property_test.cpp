// SPDX-License-Identifier: GPL-2.0-or-later
/// Compiled network rules against their meaning, on random policies and destinations.
#include <gtest/gtest.h>

#include "plan/compile.hpp"
#include "plan/evaluate.hpp"
#include "support/naive.hpp"
#include "support/policy.hpp"
#include "support/random_policy.hpp"

namespace enforced::test {
namespace {

constexpr unsigned policies = 5000;
constexpr unsigned destinations_each = 210;

TEST(PlanNetworkProperty, TablesSayWhatThePoliciesMean) {
    Dice dice(20240502);
    std::size_t pairs = 0, refusals = 0;
    for (unsigned round = 0; round < policies; round++) {
        std::vector<policy::Policy> together;
        for (unsigned i = 0, count = 1 + dice.roll(3); i < count; i++)
            together.push_back(random_network_policy(dice, "p" + std::to_string(i)));
        const auto plan = plan::compile(together, every_hook());
        ASSERT_TRUE(plan) << plan.error().message;
        const plan::Evaluator evaluator(*plan);
        const auto set = evaluator.set_of("/system.slice/test.service");
        ASSERT_NE(set, 0U);

        for (unsigned i = 0; i < destinations_each; i++, pairs++) {
            const auto random = random_destination(dice, dice.pick(together));
            const plan::Destination to{.operation =
                                           static_cast<enforced_network_op>(ENFORCED_CONNECT + dice.roll(3)),
                                       .protocol = random.protocol,
                                       .address = random.address,
                                       .port = random.port};
            const auto expected = naive_network(together, to);
            ASSERT_EQ(spell_out(*plan, evaluator.network(set, to)), expected)
                << "round " << round << ", operation " << to.operation << ", protocol " << +to.protocol
                << ", port " << to.port;
            refusals += expected.verdict >= ENFORCED_WOULD_DENY;
        }
    }
    std::cout << pairs << " pairs, " << refusals << " refused\n";
    EXPECT_GE(pairs, 1000000U);
    EXPECT_GT(refusals, pairs / 20);
    EXPECT_LT(refusals, pairs * 19 / 20);
}

} // namespace
} // namespace enforced::test
