// SPDX-License-Identifier: GPL-2.0-or-later
// On a kernel that takes no LSM programs, all of this runs with those of the other kinds.
#include "kernel/enforcement.hpp"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "host/cgroup.hpp"
#include "host/mounts.hpp"
#include "support/bpffs.hpp"

namespace enforced::kernel {
namespace {

plan::Plan small_plan() {
    plan::Plan plan;
    plan.banks.push_back({1, 2, 3});
    plan.sets.resize(2);
    plan.sets[1].value.flags = ENFORCED_SET_NETWORK;
    plan.rules.push_back({.id = 7,
                          .policy = "p",
                          .key = "network.default",
                          .class_ = "network",
                          .action = "deny",
                          .text = "default = \"deny\"",
                          .at = {"/etc/p.toml", 3, 1}});
    plan.hooks.set(ENFORCED_HOOK_cgroup_mkdir);
    plan.hooks.set(ENFORCED_HOOK_cgroup_connect4);
    return plan;
}

struct LinkIds {
    std::uint32_t link = 0;
    std::uint32_t program = 0;

    friend bool operator==(const LinkIds&, const LinkIds&) = default;
};

LinkIds ids(const std::string& path) {
    bpf_link_info info = {};
    std::uint32_t size = sizeof(info);
    const Fd fd(bpf_obj_get(path.c_str()));
    bpf_obj_get_info_by_fd(fd.get(), &info, &size);
    return {info.id, info.prog_id};
}

class Enforcing : public testing::Test {
  protected:
    void SetUp() override {
        if (!bpffs_.mounted)
            GTEST_SKIP() << "cannot mount a BPF file system";
        const auto root = host::find_cgroup_root(*host::read_mounts());
        if (!root)
            GTEST_SKIP() << "no cgroup2 is mounted";
        tree_.emplace(std::move(*host::CgroupTree::open(*root)));
    }

    Result<Enforcement> open() {
        return Enforcement::open({tree_->root(), *tree_->own_directory(), bpffs_.pins()});
    }

    /// Has a plan in force, and is gone again.
    void leave_in_force() {
        auto enforcement = open();
        ASSERT_TRUE(enforcement) << enforcement.error().message;
        const auto done = enforcement->bring_into_force(small_plan(), {});
        ASSERT_TRUE(done) << done.error().message;
    }

    std::string link(const std::string& hook) { return bpffs_.pins() + "/links/" + hook; }
    std::string map(const std::string& name) { return bpffs_.pins() + "/maps/" + name; }

    void expect_refused(const std::string& what) {
        const LinkIds before = ids(link("cgroup_connect4"));
        const auto enforcement = open();
        ASSERT_FALSE(enforcement);
        EXPECT_NE(enforcement.error().message.find(what), std::string::npos) << enforcement.error().message;
        EXPECT_NE(enforcement.error().message.find("enforced --release"), std::string::npos);
        EXPECT_EQ(ids(link("cgroup_connect4")), before);
    }

    test::Bpffs bpffs_;
    std::optional<host::CgroupTree> tree_;
};

TEST_F(Enforcing, StartsWithNothingInForce) {
    const auto enforcement = open();
    ASSERT_TRUE(enforcement) << enforcement.error().message;
    EXPECT_FALSE(enforcement->in_force());
}

TEST_F(Enforcing, TheCanaryTellsWhatWorks) {
    auto enforcement = open();
    HookSet wanted;
    wanted.set(ENFORCED_HOOK_cgroup_mkdir).set(ENFORCED_HOOK_cgroup_bind4);
    ASSERT_TRUE(enforcement->try_hooks(wanted));
    EXPECT_EQ(enforcement->facts().hooks, wanted);
    EXPECT_EQ(enforcement->maps().control().canary, 0u);
}

TEST_F(Enforcing, WhatIsOnlyTriedIsNotKept) {
    auto enforcement = open();
    HookSet wanted;
    wanted.set(ENFORCED_HOOK_cgroup_bind4);
    ASSERT_TRUE(enforcement->try_hooks(wanted));
    ASSERT_TRUE(enforcement->settle());
    EXPECT_NE(access(link("cgroup_bind4").c_str(), F_OK), 0);
}

TEST_F(Enforcing, IsTakenOverAsItIs) {
    leave_in_force();
    const LinkIds connect = ids(link("cgroup_connect4")), mkdir = ids(link("cgroup_mkdir"));
    auto enforcement = open();
    ASSERT_TRUE(enforcement) << enforcement.error().message;
    EXPECT_TRUE(enforcement->in_force());
    EXPECT_EQ(enforcement->facts().hooks, small_plan().hooks);
    EXPECT_EQ(ids(link("cgroup_connect4")), connect);
    EXPECT_EQ(ids(link("cgroup_mkdir")), mkdir);
    EXPECT_STREQ(enforcement->maps().rules().find(7)->key, "network.default");
}

TEST_F(Enforcing, APlanGoesIntoTheOtherParity) {
    leave_in_force();
    auto enforcement = open();
    ASSERT_EQ(enforcement->maps().control().generation, 1u);
    EXPECT_EQ(enforcement->maps().bank(ENFORCED_BANKS)[2], 3u);
    EXPECT_EQ(enforcement->maps().sets().find(ENFORCED_SETS + 1)->flags, ENFORCED_SET_NETWORK);
    EXPECT_EQ(enforcement->maps().sets().find(ENFORCED_SETS + 1)->bank, ENFORCED_BANKS);
    ASSERT_TRUE(enforcement->bring_into_force(small_plan(), {}));
    EXPECT_EQ(enforcement->maps().control().generation, 2u);
    EXPECT_EQ(enforcement->maps().bank(0)[2], 3u);
}

TEST_F(Enforcing, TheAnchorsOfBeforeGoAfterTheSwitch) {
    auto enforcement = open();
    const std::vector<Identity> first = {{1, 9, 100, 5}}, second = {{1, 9, 200, 6}};
    ASSERT_TRUE(enforcement->bring_into_force(small_plan(), first));
    EXPECT_EQ(enforcement->maps().anchors().find({100, 9, ENFORCED_SETS + 1})->state, 5u);
    ASSERT_TRUE(enforcement->bring_into_force(small_plan(), second));
    EXPECT_EQ(enforcement->maps().anchors().entries().size(), 1u);
    EXPECT_EQ(enforcement->maps().anchors().find({200, 9, 1})->state, 6u);
}

TEST_F(Enforcing, AnchorsAreReplacedInPlace) {
    auto enforcement = open();
    const std::vector<Identity> first = {{1, 9, 100, 5}}, second = {{1, 9, 200, 6}};
    ASSERT_TRUE(enforcement->bring_into_force(small_plan(), first));
    ASSERT_TRUE(enforcement->update_anchors(second));
    EXPECT_EQ(enforcement->maps().anchors().entries().size(), 1u);
    EXPECT_TRUE(enforcement->maps().anchors().find({200, 9, ENFORCED_SETS + 1}));
}

TEST_F(Enforcing, APlanThatDoesNotFitChangesNothing) {
    leave_in_force();
    auto enforcement = open();
    plan::Plan plan = small_plan();
    plan.banks.resize(ENFORCED_BANKS + 1);
    const auto done = enforcement->bring_into_force(plan, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, E2BIG);
    EXPECT_EQ(enforcement->maps().control().generation, 1u);

    const std::vector<Identity> many = [] {
        std::vector<Identity> identities(65537);
        for (std::size_t i = 0; i < identities.size(); i++)
            identities[i] = {1, 1, i, 1};
        return identities;
    }();
    const auto crowded = enforcement->bring_into_force(small_plan(), many);
    ASSERT_FALSE(crowded);
    EXPECT_NE(crowded.error().message.find("no room"), std::string::npos) << crowded.error().message;
    EXPECT_EQ(enforcement->maps().control().generation, 1u);
    EXPECT_TRUE(enforcement->maps().anchors().entries().empty());
}

TEST_F(Enforcing, HooksThatAPlanNoLongerNeedsAreDetached) {
    leave_in_force();
    auto enforcement = open();
    plan::Plan plan = small_plan();
    plan.hooks.reset(ENFORCED_HOOK_cgroup_connect4);
    ASSERT_TRUE(enforcement->bring_into_force(plan, {}));
    EXPECT_NE(access(link("cgroup_connect4").c_str(), F_OK), 0);
    EXPECT_EQ(access(link("cgroup_mkdir").c_str(), F_OK), 0);
}

TEST_F(Enforcing, HooksThatWereTakenOverAndDetachedComeBack) {
    leave_in_force();
    auto enforcement = open();
    plan::Plan plan = small_plan();
    plan.hooks.reset(ENFORCED_HOOK_cgroup_connect4);
    ASSERT_TRUE(enforcement->bring_into_force(plan, {}));
    EXPECT_FALSE(enforcement->facts().hooks[ENFORCED_HOOK_cgroup_connect4]);
    const auto done = enforcement->bring_into_force(small_plan(), {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(access(link("cgroup_connect4").c_str(), F_OK), 0);
}

TEST_F(Enforcing, ForgetsLaunchesWhoseEndWasNotSeen) {
    auto enforcement = open();
    auto launches = enforcement->maps().launches();
    constexpr std::uint64_t at_boot = 1, to_come = std::uint64_t{1} << 62; // ns
    ASSERT_TRUE(launches.put(at_boot, 1));
    ASSERT_TRUE(launches.put(to_come, 1));
    forget_old_launches(enforcement->maps(), std::chrono::seconds(1));
    EXPECT_FALSE(launches.find(at_boot));
    EXPECT_TRUE(launches.find(to_come));
}

TEST_F(Enforcing, PinsAnewWhatIsUnpinned) {
    leave_in_force();
    auto enforcement = open();
    EXPECT_EQ(*enforcement->pin_again(), 0u);
    ASSERT_EQ(unlink(map("units").c_str()), 0);
    ASSERT_EQ(unlink(link("cgroup_connect4").c_str()), 0);
    EXPECT_EQ(*enforcement->pin_again(), 2u);
    enforcement = std::unexpected(Error{});
    const auto next = open();
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->facts().hooks, small_plan().hooks);
}

TEST_F(Enforcing, PinsAnewWhereTheFileSystemIsAnother) {
    leave_in_force();
    auto enforcement = open();
    bpffs_.replace();
    EXPECT_GT(*enforcement->pin_again(), small_plan().hooks.count());
    EXPECT_FALSE(open()) << "one daemon";
    enforcement = std::unexpected(Error{});
    const auto next = open();
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_TRUE(next->in_force());
    EXPECT_EQ(next->facts().hooks, small_plan().hooks);
}

TEST_F(Enforcing, HasOneDaemon) {
    const auto first = open();
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another enforced is running"), std::string::npos);
}

TEST_F(Enforcing, LinksOfAnotherVersionAreReplaced) {
    leave_in_force();
    const LinkIds connect = ids(link("cgroup_connect4")), mkdir = ids(link("cgroup_mkdir"));
    {
        auto enforcement = open();
        enforced_state state = {};
        state.build = 1;
        ASSERT_TRUE(enforcement->maps().state().put(0, state));
    }
    const auto enforcement = open();
    ASSERT_TRUE(enforcement) << enforcement.error().message;
    EXPECT_EQ(ids(link("cgroup_connect4")).link, connect.link); // updated in place
    EXPECT_NE(ids(link("cgroup_connect4")).program, connect.program);
    EXPECT_NE(ids(link("cgroup_mkdir")).link, mkdir.link);
    EXPECT_NE(access(link("cgroup_mkdir_new").c_str(), F_OK), 0);
    EXPECT_NE(enforcement->maps().state().find(0)->build, 1u);
    EXPECT_TRUE(enforcement->in_force());
}

TEST_F(Enforcing, ALinkOnItsWayInWhenWeDiedIsCleanedUp) {
    leave_in_force();
    const Fd fd(bpf_obj_get(link("cgroup_mkdir").c_str()));
    ASSERT_EQ(bpf_obj_pin(fd.get(), link("cgroup_mkdir_new").c_str()), 0);
    EXPECT_TRUE(open());
    EXPECT_NE(access(link("cgroup_mkdir_new").c_str(), F_OK), 0);
}

TEST_F(Enforcing, RefusesAMissingMap) {
    leave_in_force();
    ASSERT_EQ(unlink(map("units").c_str()), 0);
    expect_refused(map("units") + " is missing");
}

TEST_F(Enforcing, RefusesAMapOfAnotherShape) {
    leave_in_force();
    ASSERT_EQ(unlink(map("units").c_str()), 0);
    const Fd other(bpf_map_create(BPF_MAP_TYPE_HASH, "units", 8, 8, 16, nullptr));
    ASSERT_EQ(bpf_obj_pin(other.get(), map("units").c_str()), 0);
    expect_refused(map("units") + " has a value size of 8, not " + std::to_string(sizeof(enforced_unit)));
}

TEST_F(Enforcing, RefusesMapsOfAnotherVersion) {
    leave_in_force();
    open()->maps().control().abi = ENFORCED_ABI_VERSION + 1;
    expect_refused(map("control") + " is of version");
}

TEST_F(Enforcing, RefusesLinksWithoutMaps) {
    leave_in_force();
    ASSERT_EQ(rename(map("").c_str(), (bpffs_.pins() + "/away").c_str()), 0);
    expect_refused("none of our maps");
}

TEST_F(Enforcing, AttachesAnewWhatWasDetachedMeanwhile) {
    leave_in_force();
    const Fd fd(bpf_obj_get(link("cgroup_connect4").c_str()));
    ASSERT_EQ(bpf_link_detach(fd.get()), 0);
    const auto enforcement = open();
    ASSERT_TRUE(enforcement) << enforcement.error().message;
    EXPECT_TRUE(enforcement->needed().test(ENFORCED_HOOK_cgroup_connect4));
    ASSERT_EQ(enforcement->warnings().size(), 1U);
    EXPECT_NE(enforcement->warnings()[0].find("cgroup_connect4 had been detached"), std::string::npos)
        << enforcement->warnings()[0];
    const Fd fresh(bpf_obj_get(link("cgroup_connect4").c_str()));
    bpf_link_info info = {};
    std::uint32_t size = sizeof(info);
    ASSERT_EQ(bpf_obj_get_info_by_fd(fresh.get(), &info, &size), 0);
    EXPECT_NE(info.cgroup.cgroup_id, 0U);
}

TEST_F(Enforcing, RefusesALinkOfSomebodyElse) {
    leave_in_force();
    const bpf_insn permit[] = {{.code = 0xb7, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 1},
                               {.code = 0x95, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
    LIBBPF_OPTS(bpf_prog_load_opts, load, .expected_attach_type = BPF_CGROUP_INET4_BIND);
    const Fd program(
        bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "foreign", "GPL", permit, std::size(permit), &load));
    const Fd foreign(bpf_link_create(program.get(), tree_->root(), BPF_CGROUP_INET4_BIND, nullptr));
    ASSERT_TRUE(foreign);
    ASSERT_EQ(bpf_obj_pin(foreign.get(), link("cgroup_bind4").c_str()), 0);
    expect_refused(link("cgroup_bind4") + " belongs to somebody else");
}

TEST_F(Enforcing, RefusesALinkInAnothersPlace) {
    leave_in_force();
    const Fd fd(bpf_obj_get(link("cgroup_mkdir").c_str()));
    ASSERT_EQ(bpf_obj_pin(fd.get(), link("cgroup_bind4").c_str()), 0);
    expect_refused(link("cgroup_bind4") + " is not a link of the kind");
}

TEST_F(Enforcing, RefusesTheLinkOfAnotherHookOfTheSameKind) {
    leave_in_force();
    const Fd fd(bpf_obj_get(link("cgroup_mkdir").c_str()));
    ASSERT_EQ(bpf_obj_pin(fd.get(), link("sched_process_exit").c_str()), 0);
    expect_refused(link("sched_process_exit") + " is the link of another hook: its program is cgroup_mkdir");
}

TEST(Hooks, DifferInWhatTheKernelKeepsOfTheirNames) {
    std::set<std::string_view> names;
    for (const Hook& hook : hooks)
        EXPECT_TRUE(names.insert(std::string_view(hook.name).substr(0, BPF_OBJ_NAME_LEN - 1)).second)
            << hook.name;
}

} // namespace
} // namespace enforced::kernel
