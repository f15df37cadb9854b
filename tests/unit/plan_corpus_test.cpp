// SPDX-License-Identifier: GPL-2.0-or-later
/// The good policies of the corpus become tables, each alone and all together.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "plan/compile.hpp"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

/// Warnings are no matter here.
policy::Policy read_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    policy::Policy policy;
    policy::Diagnostics ignored;
    policy.name = path.stem();
    policy::parse(text, path.filename(), policy, ignored);
    return policy;
}

TEST(PlanCorpus, EveryGoodPolicyBecomesTables) {
    std::vector<policy::Policy> policies;
    for (const auto& entry : std::filesystem::directory_iterator(SOURCE_ROOT "/tests/policies/good"))
        if (entry.path().extension() == ".toml")
            policies.push_back(read_file(entry.path()));
    ASSERT_GT(policies.size(), 5U);
    for (const auto& policy : policies) {
        const auto plan = plan::compile(std::span(&policy, 1), every_hook());
        EXPECT_TRUE(plan) << policy.name << ": " << plan.error().message;
    }
    const auto together = plan::compile(policies, every_hook());
    ASSERT_TRUE(together) << together.error().message;
    EXPECT_TRUE(together->refused.empty());
}

} // namespace
} // namespace enforced::test
