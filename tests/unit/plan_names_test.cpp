// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/names.hpp"

#include <gtest/gtest.h>

#include "abi/policy.h"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

using Numbers = std::vector<std::size_t>;

class PlanNames : public testing::Test {
  protected:
    /// One policy for each list of units.
    void compile(std::initializer_list<std::initializer_list<const char*>> units) {
        std::vector<const policy::Policy*> pointers;
        for (const auto& list : units)
            policies_.push_back(policy_for("p" + std::to_string(policies_.size()), list));
        for (const auto& policy : policies_)
            pointers.push_back(&policy);
        auto names = plan::compile_names(pointers);
        ASSERT_TRUE(names) << names.error().message;
        names_ = std::move(*names);
    }

    Numbers governors(std::string_view path) const {
        return names_.combinations[names_.dfa.states[run(names_.dfa, 0, path)].label];
    }

    std::vector<policy::Policy> policies_;
    plan::Names names_;
};

TEST_F(PlanNames, AUnitIsFoundByItsName) {
    compile({{"nginx.service", "nginx@*.service"}, {"*.service"}});
    EXPECT_EQ(governors("/system.slice/nginx.service"), (Numbers{0, 1}));
    EXPECT_EQ(governors("/system.slice/system-nginx.slice/nginx@a.service"), (Numbers{0, 1}));
    EXPECT_EQ(governors("/nginx.service"), (Numbers{0, 1}));
    EXPECT_EQ(governors("/system.slice/xnginx.service"), (Numbers{1}));
    EXPECT_EQ(governors("/system.slice/nginx.scope"), (Numbers{}));
    EXPECT_EQ(governors(""), (Numbers{}));
}

TEST_F(PlanNames, ASliceGovernsAllBelow) {
    compile({{"user.slice"}, {"machine-a.slice"}, {"a.service"}});
    EXPECT_EQ(governors("/user.slice/user-1000.slice/user@1000.service"), (Numbers{0}));
    EXPECT_EQ(governors("/user.slice/a.service"), (Numbers{0, 2}));
    EXPECT_EQ(governors("/machine.slice/machine-a.slice/machine-a-b.slice/x.scope"), (Numbers{1}));
    EXPECT_EQ(governors("/machine.slice/a.service"), (Numbers{2}));
    EXPECT_EQ(governors("/machine.slice/machine-ab.slice/x.scope"), (Numbers{}));
    EXPECT_EQ(governors("/system.slice/user.service"), (Numbers{}));
    EXPECT_EQ(governors("/user.slice"), (Numbers{0}));
}

TEST_F(PlanNames, GlobsOfSlicesGovernToo) {
    compile({{"user-*.slice"}, {"sys*"}, {"{web,db}.slice"}});
    EXPECT_EQ(governors("/user.slice/user-1000.slice/session-1.scope"), (Numbers{0}));
    EXPECT_EQ(governors("/user.slice/x.service"), (Numbers{}));
    EXPECT_EQ(governors("/system.slice/x.service"), (Numbers{1}));
    EXPECT_EQ(governors("/other.slice/systemd-x.service"), (Numbers{1}));
    EXPECT_EQ(governors("/db.slice/db-1.slice/x.service"), (Numbers{2}));
}

TEST_F(PlanNames, TheRootSliceGovernsEverything) {
    compile({{"-.slice"}});
    EXPECT_EQ(governors("/system.slice/x.service"), (Numbers{0}));
    EXPECT_EQ(governors("/x.scope"), (Numbers{0}));
}

TEST_F(PlanNames, NobodyGovernsTheManagerOrUs) {
    compile({{"*"}, {"-.slice"}, {"enforced.service", "init.scope"}});
    EXPECT_EQ(governors("/init.scope"), (Numbers{}));
    EXPECT_EQ(governors("/system.slice/enforced.service"), (Numbers{}));
    EXPECT_EQ(governors("/system.slice/xenforced.service"), (Numbers{0, 1}));
}

TEST_F(PlanNames, NamesThatSystemdHadToEscapeAreFound) {
    compile({{"memory.service"}, {"cpu.slice"}});
    EXPECT_EQ(governors("/system.slice/_memory.service"), (Numbers{0}));
    EXPECT_EQ(governors("/_cpu.slice/x.service"), (Numbers{1}));
    EXPECT_EQ(governors("/system.slice/__memory.service"), (Numbers{}));
}

TEST_F(PlanNames, UnrelatedSlicesDoNotMultiply) {
    std::vector<policy::Policy> policies;
    for (int i = 0; i < 30; i++) {
        const auto name = "s" + std::to_string(i);
        policies.push_back(policy_for(name, {(name + ".slice").c_str()}));
    }
    std::vector<const policy::Policy*> pointers;
    for (const auto& policy : policies)
        pointers.push_back(&policy);
    const auto names = plan::compile_names(pointers);
    ASSERT_TRUE(names) << names.error().message;
    EXPECT_EQ(names->combinations.size(), 31U);
}

TEST_F(PlanNames, TooManyCombinationsAreAnError) {
    std::vector<policy::Policy> policies;
    for (int i = 0; i < 20; i++) {
        const auto name = "x" + std::to_string(i);
        policies.push_back(policy_for(name + "-slice", {(name + ".slice").c_str()}));
        policies.push_back(policy_for(name, {(name + ".service").c_str()}));
    }
    std::vector<const policy::Policy*> pointers;
    for (const auto& policy : policies)
        pointers.push_back(&policy);
    const auto names = plan::compile_names(pointers);
    ASSERT_FALSE(names);
    EXPECT_NE(names.error().message.find("in 440 ways"), std::string::npos) << names.error().message;
}

} // namespace
} // namespace enforced::test
