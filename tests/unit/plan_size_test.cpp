// SPDX-License-Identifier: GPL-2.0-or-later
/// How much fits, how fast, and what is said of what does not.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <random>

#include "abi/rule.h"
#include "plan/compile.hpp"
#include "plan/layout.hpp"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

/// Paths as there are below a /srv: words that repeat, some numbered.
std::string path(std::mt19937& random) {
    static const char* const words[] = {"share",  "local",  "lib",  "cache",   "data",
                                        "www",    "html",   "node", "python3", "config",
                                        "secret", "images", "log",  "spool",   "a"};
    std::string text = "/srv";
    for (unsigned depth = 2 + random() % 4; depth > 0; depth--)
        text +=
            std::string("/") + words[random() % 15] + (random() % 2 ? std::to_string(random() % 100) : "");
    return text;
}

policy::Policy with_rules(const std::string& name, unsigned count, unsigned seed) {
    std::mt19937 random(seed);
    auto policy = policy_for(name, {(name + ".service").c_str()});
    policy.file.emplace();
    for (unsigned i = 0; i < count; i++) {
        policy.file->rules.push_back(file_rule(policy::Action::deny, policy::access_all, {}));
        policy.file->rules.back().path.push_back({.text = path(random) + (i % 2 ? "/**" : ""), .at = {}});
    }
    return policy;
}

std::size_t cells(const plan::Plan& plan) {
    std::size_t sum = 0;
    for (const auto& bank : plan.banks)
        sum += bank.size();
    return sum;
}

TEST(PlanSize, AThousandRulesCompileInASecond) {
    for (const unsigned count : {10U, 100U, 1000U}) {
        const std::vector policies{with_rules("a", count, 1)};
        const auto begin = std::chrono::steady_clock::now();
        const auto plan = plan::compile(policies, every_hook());
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        ASSERT_TRUE(plan) << plan.error().message;
        std::cout << count << " rules: " << cells(*plan) << " cells, " << took.count() << " s\n";
        EXPECT_LT(took.count(), 1.0);
    }
}

TEST(PlanSize, TwoHundredPoliciesOfTwentyRulesFit) {
    std::vector<policy::Policy> policies;
    for (unsigned i = 0; i < 200; i++)
        policies.push_back(with_rules("p" + std::to_string(i), 20, i));
    const auto plan = plan::compile(policies, every_hook());
    ASSERT_TRUE(plan) << plan.error().message;
    std::cout << cells(*plan) << " cells in " << plan->banks.size() << " banks\n";
    EXPECT_LE(plan->banks.size(), std::size_t{ENFORCED_BANKS});
}

TEST(PlanSize, OnePolicyThatIsTooBigIsNamed) {
    const std::vector policies{with_rules("big", 10000, 1)};
    const auto plan = plan::compile(policies, every_hook());
    ASSERT_FALSE(plan);
    std::cout << plan.error().message << "\n";
    EXPECT_NE(plan.error().message.find("the rules of big need "), std::string::npos);
    EXPECT_NE(plan.error().message.find(std::to_string(plan::bank_room)), std::string::npos);
}

TEST(PlanSize, PoliciesThatAreTooMuchTogetherAreAnError) {
    std::vector<policy::Policy> policies;
    for (unsigned i = 0; i <= ENFORCED_BANKS; i++) {
        policies.push_back(with_rules("p" + std::to_string(i), 0, 0));
        auto rule = file_rule(policy::Action::deny, policy::access_all, {});
        std::mt19937 random(i);
        for (unsigned n = 0; n < 9000; n++)
            rule.path.push_back({.text = path(random), .at = {}});
        policies.back().file->rules.push_back(rule);
    }
    const auto plan = plan::compile(policies, every_hook());
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find("table cells in "), std::string::npos) << plan.error().message;
}

TEST(PlanSize, TooManyRulesAreAnError) {
    auto policy = policy_for("a", {"a.service"});
    policy.exec.emplace();
    for (unsigned i = 0; i <= ENFORCED_RULES; i++)
        policy.exec->deny.push_back({.text = "/" + std::to_string(i), .at = {}});
    const auto plan = plan::compile(std::vector{policy}, every_hook());
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find(std::to_string(ENFORCED_RULES)), std::string::npos);
}

TEST(PlanSize, ListsOfNamesAnywhereDoNotExplode) {
    auto policy = policy_for("a", {"a.service"});
    policy.file.emplace();
    for (unsigned i = 0; i < 40; i++) {
        policy.file->rules.push_back(file_rule(policy::Action::deny, policy::access_all, {}));
        policy.file->rules.back().path.push_back({.text = "/**/." + std::to_string(i) + "/**", .at = {}});
    }
    const auto plan = plan::compile(std::vector{policy}, every_hook());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_LT(cells(*plan), 60000U);
}

TEST(PlanSize, GlobsThatExplodeAreNamed) {
    auto policy = policy_for("wild", {"a.service"});
    policy.file.emplace();
    policy.file->rules.push_back(file_rule(policy::Action::deny, policy::access_all,
                                           {"/root/**", "/**a????????????????????????", "/etc/shadow"}));
    const auto plan = plan::compile(std::vector{policy}, every_hook());
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find("policy wild"), std::string::npos) << plan.error().message;
    EXPECT_NE(plan.error().message.find("\"/**a????????????????????????\""), std::string::npos);
}

} // namespace
} // namespace enforced::test
