// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/units.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/mounts.hpp"
#include "kernel/enforcement.hpp"
#include "plan/compile.hpp"
#include "policy/parse.hpp"

namespace enforced::daemon {
namespace {

class UnitsOfThisMachine : public testing::Test {
  protected:
    void SetUp() override {
        const auto root = host::find_cgroup_root(*host::read_mounts());
        if (!root)
            GTEST_SKIP() << "no cgroup2 is mounted";
        name_ = "enforced-test-" + std::to_string(getpid()) + ".service";
        path_ = *root + "/" + name_;
        if (mkdir(path_.c_str(), 0755) < 0 || mkdir((path_ + "/below").c_str(), 0755) < 0)
            GTEST_SKIP() << "cannot make a cgroup: " << std::strerror(errno);
        tree_.emplace(std::move(*host::CgroupTree::open(*root)));
        auto enforcement = kernel::Enforcement::open({tree_->root(), "", ""});
        if (!enforcement)
            GTEST_SKIP() << enforcement.error().message;
        enforcement_.emplace(std::move(*enforcement));
        units_.emplace(*tree_, enforcement_->maps());
    }

    void TearDown() override { remove_cgroups(); }

    void remove_cgroups() {
        rmdir((path_ + "/below").c_str());
        rmdir(path_.c_str());
    }

    plan::Plan plan_for(const std::string& unit) {
        policy::Policy policy;
        policy::Diagnostics diagnostics;
        plan::Facts facts;
        policy.name = "test";
        policy::parse("units = [\"" + unit + "\"]\n[network]\ndefault = \"deny\"\n", "test.toml", policy,
                      diagnostics);
        facts.hooks.set();
        return *plan::compile(std::vector{policy}, facts);
    }

    static std::uint64_t id(const std::string& path) {
        struct stat status = {};
        stat(path.c_str(), &status);
        return status.st_ino;
    }

    std::string name_, path_;
    std::optional<host::CgroupTree> tree_;
    std::optional<kernel::Enforcement> enforcement_;
    std::optional<Units> units_;
};

TEST_F(UnitsOfThisMachine, EntersAGovernedUnitAndWhatIsBelowIt) {
    EXPECT_EQ(units_->enter(plan_for(name_)), 1u);
    const auto unit = enforcement_->maps().units().find(id(path_));
    ASSERT_TRUE(unit);
    EXPECT_EQ(std::string(unit->path, unit->path_length), "/" + name_);
    EXPECT_EQ(unit->name_offset, 1u);
    EXPECT_EQ(unit->found, 0u);
    EXPECT_EQ(enforcement_->maps().cgroups().find(id(path_))->unit, id(path_));
    EXPECT_EQ(enforcement_->maps().cgroups().find(id(path_ + "/below"))->unit, id(path_));
}

TEST_F(UnitsOfThisMachine, LeavesAloneWhatThePlanDoesNotName) {
    EXPECT_EQ(units_->enter(plan_for("other.service")), 0u);
    EXPECT_TRUE(enforcement_->maps().units().entries().empty());
    EXPECT_TRUE(enforcement_->maps().cgroups().entries().empty());
}

TEST_F(UnitsOfThisMachine, KeepsWhatTheProgramsFoundOut) {
    enforced_unit known = {};
    known.found = 1ULL << 32 | 3; // set 1, in generation 3
    ASSERT_TRUE(enforcement_->maps().units().put(id(path_), known));
    units_->enter(plan_for(name_));
    EXPECT_EQ(enforcement_->maps().units().find(id(path_))->found, known.found);
    EXPECT_EQ(units_->count_governed(), 1u);
}

TEST_F(UnitsOfThisMachine, ForgetsACgroupThatIsGoneAndItsUnitLater) {
    units_->enter(plan_for(name_));
    const std::uint64_t unit = id(path_);
    remove_cgroups();
    units_->forget_gone();
    EXPECT_TRUE(enforcement_->maps().cgroups().entries().empty());
    EXPECT_TRUE(enforcement_->maps().units().find(unit));
    units_->forget_gone();
    EXPECT_FALSE(enforcement_->maps().units().find(unit));
}

TEST_F(UnitsOfThisMachine, KeepsWhatIsThere) {
    units_->enter(plan_for(name_));
    units_->forget_gone();
    units_->forget_gone();
    EXPECT_EQ(enforcement_->maps().cgroups().entries().size(), 2u);
    EXPECT_EQ(enforcement_->maps().units().entries().size(), 1u);
}

} // namespace
} // namespace enforced::daemon
