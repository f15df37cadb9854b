// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/needs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/policy.hpp"

namespace enforced::test {
namespace {

std::vector<std::string> keys(const plan::Support& support) {
    std::vector<std::string> keys;
    for (const auto& shortfall : support.shortfalls)
        keys.push_back(shortfall.key);
    return keys;
}

using Keys = std::vector<std::string>;

const policy::Policy everything = read_policy("a", R"(units = ["a.service"]
[file]
default = "deny"
[exec]
default = "deny"
anonymous = "deny"
writable-memory = "deny"
[network]
default = "deny"
families = ["inet", "unix"]
[capability]
default = "deny"
[kernel]
mount = "deny"
ptrace = "deny"
signal = "deny"
modules = "deny"
bpf = "deny"
user-namespace = "deny"
io-uring = "deny"
perf = "deny"
keyring = "deny"
tunables = "deny"
systemd = "deny"
)");

/// What is said of [kernel] where there is nothing for it.
const Keys all_of_kernel{"kernel.mount",   "kernel.ptrace",         "kernel.signal",   "kernel.modules",
                         "kernel.bpf",     "kernel.user-namespace", "kernel.io-uring", "kernel.perf",
                         "kernel.keyring", "kernel.tunables",       "kernel.systemd"};

Keys with_kernel(Keys keys) {
    keys.insert(keys.end(), all_of_kernel.begin(), all_of_kernel.end());
    return keys;
}

TEST(PlanNeeds, AWholeKernelHoldsEverything) {
    const auto found = plan::support(everything, every_hook());
    EXPECT_TRUE(found.shortfalls.empty());
    EXPECT_TRUE(found.gaps.empty());
    EXPECT_EQ(found.parts.accesses, policy::access_all);
    EXPECT_TRUE(found.hooks.all()) << "all hooks have a use";
}

TEST(PlanNeeds, WithoutLsmOnlyTheNetworkHolds) {
    const auto found = plan::support(everything, no_lsm());
    EXPECT_EQ(keys(found), with_kernel({"file", "exec", "exec.anonymous", "exec.writable-memory",
                                        "network.families (other than inet and inet6)", "capability"}));
    EXPECT_EQ(found.shortfalls.front().needs, "file_open");
    EXPECT_TRUE(found.parts.connect && found.parts.bind && found.parts.families);
    EXPECT_FALSE(found.parts.file || found.parts.exec || found.parts.anonymous ||
                 found.parts.writable_memory);
    EXPECT_TRUE(found.hooks[ENFORCED_HOOK_cgroup_connect4] && found.hooks[ENFORCED_HOOK_cgroup_mkdir]);
    EXPECT_FALSE(found.hooks[ENFORCED_HOOK_cgroup_attach_task]) << "labels need more than is there";
}

TEST(PlanNeeds, WithoutLsmItSaysWhatCgroupProgramsDoNotSee) {
    const auto found = plan::support(everything, no_lsm());
    ASSERT_EQ(found.gaps.size(), 5U);
    EXPECT_EQ(found.gaps[0].key, "network.connect");
    EXPECT_EQ(found.gaps[0].what,
              "protocols other than TCP and UDP, and processes that have left the unit's cgroup");
    EXPECT_EQ(found.gaps[0].needs, "socket_connect");
    EXPECT_EQ(found.gaps[0].at.line, 8U);
    EXPECT_EQ(found.gaps[1].key, "network.bind");
    EXPECT_EQ(found.gaps[2].key, "network.default");
    EXPECT_EQ(found.gaps[2].what, "peers whose connections are accepted");
    EXPECT_EQ(found.gaps[2].needs, "inet_conn_request");
    EXPECT_EQ(found.gaps[3].key, "network.default");
    EXPECT_EQ(found.gaps[3].what, "local sockets");
    EXPECT_EQ(found.gaps[3].needs, "unix_stream_connect");
    EXPECT_EQ(found.gaps[4].key, "network.families");
    EXPECT_EQ(found.gaps[4].needs, "socket_create");
}

TEST(PlanNeeds, RulesAboutLocalSocketsNeedLsm) {
    const auto policy = read_policy("a", "units = [\"a.service\"]\n[network]\ndefault = \"deny\"\n"
                                         "unix.allow = [\"/run/x\"]\n");
    const auto found = plan::support(policy, no_lsm());
    EXPECT_EQ(keys(found), (Keys{"network.unix"}));
    EXPECT_FALSE(found.parts.unix_);
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_unix_may_send);
    EXPECT_EQ(plan::support(policy, facts).shortfalls.front().needs, "unix_may_send");
    EXPECT_TRUE(plan::support(policy, every_hook()).parts.unix_);
}

TEST(PlanNeeds, RulesAboutPeersNeedLsm) {
    const auto policy =
        read_policy("a", "units = [\"a.service\"]\n[network]\naccept.deny = [\"tcp:10.0.0.0/8\"]\n");
    EXPECT_EQ(keys(plan::support(policy, no_lsm())), (Keys{"network.accept"}));
    const auto found = plan::support(policy, every_hook());
    EXPECT_TRUE(found.parts.accept);
    EXPECT_FALSE(found.parts.unix_ || found.parts.connect || found.parts.bind);
}

TEST(PlanNeeds, WithoutEgressPacketsAreNotSeen) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_cgroup_egress);
    const auto found = plan::support(everything, facts);
    EXPECT_TRUE(found.shortfalls.empty() && found.parts.connect);
    ASSERT_EQ(found.gaps.size(), 1U);
    EXPECT_EQ(found.gaps.front().what,
              "packets of raw sockets, and connections that the kernel makes by itself");
}

TEST(PlanNeeds, WithoutCgroupMkdirNothingHolds) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_cgroup_mkdir);
    const auto found = plan::support(everything, facts);
    EXPECT_EQ(keys(found),
              with_kernel({"file", "exec", "exec.anonymous", "exec.writable-memory", "network.connect",
                           "network.bind", "network.families", "capability"}));
    EXPECT_EQ(found.shortfalls[4].needs, "cgroup_mkdir");
}

TEST(PlanNeeds, OlderKernelsHaveOtherHooksForTheSame) {
    auto facts = every_hook();
    for (const auto hook :
         {ENFORCED_HOOK_file_truncate, ENFORCED_HOOK_inode_set_acl, ENFORCED_HOOK_inode_remove_acl,
          ENFORCED_HOOK_inode_file_setattr})
        facts.hooks.reset(hook);
    const auto found = plan::support(everything, facts);
    EXPECT_TRUE(found.shortfalls.empty()) << "Linux 6.1";
    facts.hooks.reset(ENFORCED_HOOK_path_truncate);
    const auto worse = plan::support(everything, facts);
    EXPECT_EQ(keys(worse), (Keys{"file (access write)"}));
    EXPECT_EQ(worse.shortfalls.front().needs, "path_truncate or file_truncate");
    EXPECT_EQ(worse.parts.accesses, policy::access_all & ~policy::access_write);
}

TEST(PlanNeeds, APolicyWaitsOnlyOnWhatItUses) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_path_chmod);
    auto policy = policy_for("a", {"a.service"});
    policy.file.emplace();
    policy.file->rules.push_back(file_rule(policy::Action::deny, policy::access_read, {"/root/**"}));
    const auto found = plan::support(policy, facts);
    EXPECT_TRUE(found.shortfalls.empty());
    EXPECT_TRUE(found.hooks[ENFORCED_HOOK_sb_mount] && found.hooks[ENFORCED_HOOK_path_rename]) << "the guard";
    EXPECT_FALSE(found.hooks[ENFORCED_HOOK_inode_setattr] || found.hooks[ENFORCED_HOOK_socket_connect]);
    EXPECT_TRUE(found.hooks[ENFORCED_HOOK_path_mknod] && found.hooks[ENFORCED_HOOK_task_kill])
        << "self-protection belongs to every policy";
}

TEST(PlanNeeds, WhatRestrictsNothingNeedsNothing) {
    const auto policy = read_policy("a", "units = [\"a.service\"]\n[file]\n[exec]\n[network]\n[capability]\n"
                                         "[kernel]\nmount = \"allow\"\n");
    const auto found = plan::support(policy, plan::Facts{});
    EXPECT_TRUE(found.shortfalls.empty());
    EXPECT_TRUE(found.hooks.none());
}

TEST(PlanNeeds, ARingIsSeenAtEitherOfTwoHooks) {
    const auto policy = read_policy("a", "units = [\"a.service\"]\n[kernel]\nio-uring = \"deny\"\n");
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_uring_allowed);
    EXPECT_TRUE(plan::support(policy, facts).parts.kernel[ENFORCED_KERNEL_IO_URING]);
    facts.hooks.reset(ENFORCED_HOOK_inode_init_security_anon);
    const auto found = plan::support(policy, facts);
    EXPECT_TRUE(found.parts.kernel.none());
    EXPECT_EQ(keys(found), (Keys{"kernel.io-uring"}));
    EXPECT_EQ(found.shortfalls.front().needs, "uring_allowed or inode_init_security_anon");
    EXPECT_EQ(found.shortfalls.front().at.line, 3U);
}

TEST(PlanNeeds, EachKeyOfKernelWaitsOnItsOwnHooksOnly) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_task_kill);
    EXPECT_EQ(keys(plan::support(everything, facts)), (Keys{"kernel.signal"}));
    facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_sb_kern_mount);
    EXPECT_EQ(keys(plan::support(everything, facts)), (Keys{"kernel.mount"}));
}

TEST(PlanNeeds, DenyingBindsDoesNotWaitOnConnect) {
    auto facts = no_lsm();
    facts.hooks.reset(ENFORCED_HOOK_cgroup_connect6);
    const auto policy = read_policy("a", "units = [\"a.service\"]\n[network]\nbind.deny = [\"tcp:80\"]\n");
    EXPECT_TRUE(plan::support(policy, facts).shortfalls.empty());
}

} // namespace
} // namespace enforced::test
