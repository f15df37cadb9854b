// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/diff.hpp"

#include <gtest/gtest.h>

#include "support/policy.hpp"

namespace enforced::test {
namespace {

policy::Policy web(std::string_view more = "") {
    return read_policy("web",
                       "units = [\"web.service\"]\n[exec]\ndeny = [\"/usr/bin/nc\"]\n" + std::string(more));
}

std::vector<std::string> changes(const std::vector<policy::Policy>& have,
                                 const std::vector<policy::Policy>& want) {
    std::vector<std::string> texts;
    for (const auto& change : plan::diff(have, want))
        texts.push_back(plan::render(change));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(PlanDiff, SaysWhatBecameOfEachPolicy) {
    auto policy = web();
    EXPECT_EQ(changes({web()}, {policy}), Texts{});
    EXPECT_EQ(changes({}, {policy}), Texts{"web: added, 2 rules in all"});
    EXPECT_EQ(changes({policy}, {}), Texts{"web: removed"});

    policy.exec->deny.insert(policy.exec->deny.begin(), {.text = "/usr/bin/curl", .at = {}});
    EXPECT_EQ(changes({web()}, {policy}), Texts{"web: 1 rule added"});
    policy.exec->deny.pop_back();
    policy.units.push_back({.text = "www.service", .at = {}});
    policy.mode = policy::Mode::audit;
    EXPECT_EQ(changes({web()}, {policy}),
              Texts{"web: 1 rule added, 1 rule removed, other units, another mode"});
}

TEST(PlanDiff, WhereARuleStandsIsNoChange) {
    EXPECT_EQ(changes({read_policy("a", "units = [\"a.service\"]\n")},
                      {read_policy("a", "\n\nunits = [\"a.service\"]\n")}),
              Texts{});
}

TEST(PlanDiff, OtherSettingsCount) {
    auto policy = web();
    policy.release_to = globs({"session-*.scope"});
    EXPECT_EQ(changes({web()}, {policy}), Texts{"web: other settings"});
}

} // namespace
} // namespace enforced::test
