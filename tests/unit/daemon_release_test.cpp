// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/release.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "host/cgroup.hpp"
#include "host/mounts.hpp"
#include "kernel/enforcement.hpp"
#include "support/bpffs.hpp"

namespace enforced::daemon {
namespace {

class Releasing : public testing::Test {
  protected:
    void SetUp() override {
        if (!bpffs_.mounted)
            GTEST_SKIP() << "cannot mount a BPF file system";
        const auto root = host::find_cgroup_root(*host::read_mounts());
        if (!root)
            GTEST_SKIP() << "no cgroup2 is mounted";
        tree_.emplace(std::move(*host::CgroupTree::open(*root)));
    }

    Result<kernel::Enforcement> enforce() {
        auto enforcement = kernel::Enforcement::open({tree_->root(), *tree_->own_directory(), bpffs_.pins()});
        plan::Plan plan;
        plan.sets.resize(1);
        plan.hooks.set(ENFORCED_HOOK_cgroup_mkdir);
        EXPECT_TRUE(enforcement && enforcement->bring_into_force(plan, {}));
        return enforcement;
    }

    test::Bpffs bpffs_;
    std::optional<host::CgroupTree> tree_;
};

TEST_F(Releasing, LeavesNothing) {
    ASSERT_TRUE(enforce());
    const auto released = release(bpffs_.pins());
    ASSERT_TRUE(released) << released.error().message;
    EXPECT_NE(released->find("1 hooks are detached"), std::string::npos) << *released;
    EXPECT_NE(access(bpffs_.pins().c_str(), F_OK), 0);
}

TEST_F(Releasing, IsRefusedWhileTheDaemonRuns) {
    const auto running = enforce();
    ASSERT_TRUE(running);
    const auto released = release(bpffs_.pins());
    ASSERT_FALSE(released);
    EXPECT_NE(released.error().message.find("systemctl stop enforced"), std::string::npos);
    EXPECT_EQ(access((bpffs_.pins() + "/links/cgroup_mkdir").c_str(), F_OK), 0);
}

TEST_F(Releasing, TakesAwayWhatIsCorrupt) {
    ASSERT_TRUE(enforce());
    ASSERT_EQ(unlink((bpffs_.pins() + "/maps/control").c_str()), 0);
    EXPECT_TRUE(release(bpffs_.pins()));
    EXPECT_NE(access(bpffs_.pins().c_str(), F_OK), 0);
}

TEST_F(Releasing, IsContentWhereNothingIsInForce) {
    const auto released = release(bpffs_.pins());
    ASSERT_TRUE(released);
    EXPECT_EQ(*released, "nothing is in force");
}

} // namespace
} // namespace enforced::daemon
