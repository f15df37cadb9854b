// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/manager.hpp"

#include <gtest/gtest.h>

#include "plan/compile.hpp"
#include "plan/evaluate.hpp"
#include "support/policy.hpp"

namespace enforced::plan {
namespace {

const std::string manager = "/user.slice/user-1000.slice/user@1000.service";

Plan plan_of(std::initializer_list<std::pair<const char*, const char*>> heads) {
    std::vector<policy::Policy> policies;
    Facts facts;
    facts.hooks.set();
    for (const auto& [name, head] : heads)
        policies.push_back(test::read_policy(name, std::string(head) + "\n[network]\ndefault = \"deny\"\n"));
    auto plan = compile(policies, facts);
    EXPECT_TRUE(plan) << plan.error().message;
    return std::move(*plan);
}

std::vector<std::string> governing(const Plan& plan, const std::string& path) {
    return plan.sets[Evaluator(plan).set_of(path)].policies;
}

using Names = std::vector<std::string>;

TEST(UserUnits, ArePathsBelowAManager) {
    EXPECT_EQ(user_offset(manager + "/app.slice/a.service"), manager.size());
    EXPECT_EQ(spell_unit(manager + "/a.service"), manager + "\na.service");
    for (const char* other :
         {"", "/", "/a.slice", "/user.slice/user-1000.slice/session-1.scope/x", "/user@1.service/a.service",
          "/user.slice/user-1000.slice/user-1000-x.slice/user@1000.service/a.service"})
        EXPECT_EQ(user_offset(other), 0u) << other;
    EXPECT_EQ(user_offset(manager), 0u);
}

TEST(UserUnits, AreGovernedByWhatNamesThem) {
    const Plan plan =
        plan_of({{"a", "user-units = [\"sync.service\", \"app-*.scope\", \"background.slice\"]"}});
    EXPECT_EQ(governing(plan, manager + "/app.slice/sync.service"), Names{"a"});
    EXPECT_EQ(governing(plan, manager + "/sync.service"), Names{"a"});
    EXPECT_EQ(governing(plan, manager + "/app.slice/app-x.slice/app-x-1.scope"), Names{"a"});
    EXPECT_EQ(governing(plan, manager + "/background.slice/any.service"), Names{"a"});
    EXPECT_EQ(governing(plan, manager + "/app.slice/other.service"), Names{});
    EXPECT_EQ(governing(plan, manager), Names{});
    EXPECT_EQ(governing(plan, "/system.slice/sync.service"), Names{});
    EXPECT_EQ(governing(plan, "/user.slice/user-1000.slice/session-1.scope"), Names{});
}

TEST(UserUnits, AreNotThoseOfPid1) {
    const Plan plan = plan_of({{"a", "units = [\"nginx.service\"]"}, {"u", "user-units = [\"x.service\"]"}});
    EXPECT_EQ(governing(plan, "/system.slice/nginx.service"), Names{"a"});
    EXPECT_EQ(governing(plan, manager + "/app.slice/nginx.service"), Names{});
    EXPECT_EQ(governing(plan, manager + "/nginx.service"), Names{});
}

TEST(UserUnits, AreGovernedByWhatGovernsTheirManager) {
    const Plan plan = plan_of({{"m", "units = [\"user@*.service\"]"},
                               {"s", "units = [\"user-1000.slice\"]"},
                               {"u", "user-units = [\"sync.service\", \"init.scope*\"]"}});
    EXPECT_EQ(governing(plan, manager), (Names{"m", "s"}));
    EXPECT_EQ(governing(plan, manager + "/app.slice/other.service"), (Names{"m", "s"}));
    EXPECT_EQ(governing(plan, manager + "/app.slice/sync.service"), (Names{"m", "s", "u"}));
    EXPECT_EQ(governing(plan, manager + "/init.scope"), (Names{"m", "s"})) << "the manager itself";
}

TEST(UserUnits, StayGovernedByTheirManagersPolicyWhenTheirOwnIsLifted) {
    const Plan plan = plan_of({{"m", "units = [\"user@*.service\"]"}});
    EXPECT_EQ(governing(plan, manager + "/app.slice/sync.service"), Names{"m"});
}

TEST(UserUnits, AreThoseOfTheUsersThatAreNamed) {
    const Plan plan = plan_of({{"u", "user-units = [\"*.service\"]\nusers = [\"7\", \"995-1203\"]"}});
    const auto of = [&](unsigned uid) {
        const std::string id = std::to_string(uid);
        return !governing(plan,
                          "/user.slice/user-" + id + ".slice/user@" + id + ".service/app.slice/a.service")
                    .empty();
    };
    for (const unsigned uid : {7u, 995u, 999u, 1000u, 1199u, 1200u, 1203u})
        EXPECT_TRUE(of(uid)) << uid;
    for (const unsigned uid : {0u, 6u, 8u, 70u, 77u, 994u, 1204u, 1210u, 9950u, 10000u, 4294967295u})
        EXPECT_FALSE(of(uid)) << uid;
}

TEST(UserUnits, EveryNumberOfARangeAndNoOther) {
    const Plan plan = plan_of({{"u", "user-units = [\"a.service\"]\nusers = [\"87-1312\"]"}});
    const Evaluator evaluator(plan);
    for (unsigned uid = 0; uid < 2000; uid++) {
        const std::string id = std::to_string(uid);
        const std::string path = "/user.slice/user-" + id + ".slice/user@" + id + ".service/a.service";
        ASSERT_EQ(evaluator.set_of(path) != 0, uid >= 87 && uid <= 1312) << uid;
    }
}

} // namespace
} // namespace enforced::plan
