// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon itself, in a mount namespace of its own. On a kernel that takes no LSM programs, the cgroup
// programs do the enforcing.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "daemon/message.hpp"
#include "support/machine.hpp"

namespace enforced::daemon {
namespace {

constexpr int permitted_port = 7, forbidden_port = 9;
constexpr int cannot_start = 78;

class Process : public testing::Test {
  protected:
    void SetUp() override {
        if (!machine_.fault().empty())
            GTEST_SKIP() << machine_.fault();
    }

    void expect_in_force() {
        EXPECT_EQ(machine_.send(permitted_port), 0);
        EXPECT_EQ(machine_.send_from_elsewhere(forbidden_port), 0);
        const int error = machine_.send(forbidden_port);
        EXPECT_TRUE(error == EPERM || error == EACCES) << error;
    }

    void expect_nothing_in_force() { EXPECT_EQ(machine_.send(forbidden_port), 0); }

    bool start_with_usual_policy() {
        machine_.usual_policy();
        return machine_.start_and_wait();
    }

    test::Machine machine_;
};

TEST_F(Process, HoldsAUnitToItsPolicyAndSaysSo) {
    expect_nothing_in_force();
    ASSERT_TRUE(start_with_usual_policy());
    EXPECT_EQ(machine_.status(), "1 policy in force for 1 unit");
    expect_in_force();
    ASSERT_TRUE(machine_.wait_for_entry(
        [](const test::JournalEntry& entry) { return entry.contains("ENFORCED_ACTION"); }));
    const auto& entry = machine_.journal.back();
    EXPECT_EQ(entry.at("OBJECT_SYSTEMD_UNIT"), machine_.unit());
    EXPECT_EQ(entry.at("MESSAGE_ID"), message::refused);
    EXPECT_EQ(entry.at("ENFORCED_POLICY"), "usual");
    EXPECT_EQ(entry.at("ENFORCED_RULE"), "network.default");
    EXPECT_EQ(entry.at("ENFORCED_OBJECT"), "udp:127.0.0.1:9");
    EXPECT_EQ(entry.at("ENFORCED_FILE"), "/etc/enforced/policy.d/usual.toml");
    EXPECT_EQ(entry.at("ENFORCED_LINE"), "3");
    EXPECT_EQ(entry.at("ENFORCED_COUNT"), "1");
}

TEST_F(Process, AttachesNothingWithoutAPolicy) {
    ASSERT_TRUE(machine_.start_and_wait());
    EXPECT_EQ(machine_.status(), "no policy in force");
    EXPECT_TRUE(std::filesystem::is_empty("/sys/fs/bpf/enforced/links"));
}

TEST_F(Process, AReloadReturnsWhenTheNewRulesHold) {
    ASSERT_TRUE(machine_.start_and_wait());
    machine_.usual_policy();
    EXPECT_EQ(machine_.run("--reload"), 0);
    expect_in_force();
    machine_.remove_policy("usual.toml");
    EXPECT_EQ(machine_.run("--reload"), 0);
    expect_nothing_in_force();
    EXPECT_TRUE(std::filesystem::is_empty("/sys/fs/bpf/enforced/links"));
}

TEST_F(Process, ASignalReloadsAsWell) {
    ASSERT_TRUE(machine_.start_and_wait());
    machine_.usual_policy();
    machine_.signal(SIGHUP);
    EXPECT_TRUE(machine_.wait_for_notice("RELOADING=1\nMONOTONIC_USEC="));
    EXPECT_TRUE(machine_.wait_for_message("1 policy in force"));
    expect_in_force();
}

TEST_F(Process, ABadFileAmongGoodOnesIsNamedAndNothingChanges) {
    ASSERT_TRUE(start_with_usual_policy());
    machine_.policy("bad.toml", "units = 3\n");
    machine_.policy("usual.toml", "units = [\"other.service\"]\n[network]\ndefault = \"deny\"\n");
    std::string output;
    EXPECT_EQ(machine_.run("--reload", &output), 1);
    EXPECT_NE(output.find("/etc/enforced/policy.d/bad.toml:1:"), std::string::npos) << output;
    expect_in_force();
    EXPECT_TRUE(machine_.wait_for_entry([](const test::JournalEntry& entry) {
        return entry.contains("MESSAGE_ID") && entry.at("MESSAGE_ID") == message::bad_policy &&
               entry.at("ENFORCED_FILE") == "/etc/enforced/policy.d/bad.toml";
    }));
    EXPECT_NE(machine_.status().find("not what the policy files say"), std::string::npos)
        << machine_.status();
}

TEST_F(Process, AHalfWrittenFileChangesNothing) {
    ASSERT_TRUE(start_with_usual_policy());
    machine_.policy("usual.toml", "units = [\"" + machine_.unit() + "\"]\n[netw");
    EXPECT_EQ(machine_.run("--reload"), 1);
    expect_in_force();
}

TEST_F(Process, AtFirstABadFileDoesNotKeepTheGoodOnesOut) {
    machine_.policy("bad.toml", "units = 3\n");
    ASSERT_TRUE(start_with_usual_policy());
    expect_in_force();
    EXPECT_TRUE(machine_.wait_for_message("bad.toml:1:"));
    EXPECT_NE(machine_.status().find("1 policy in force"), std::string::npos);
    EXPECT_NE(machine_.status().find("not what the policy files say"), std::string::npos);
}

TEST_F(Process, PoliciesTooBigForTheMapsChangeNothing) {
    ASSERT_TRUE(start_with_usual_policy());
    for (int i = 0; i < 300; i++)
        machine_.policy("many" + std::to_string(i) + ".toml",
                        "units = [\"u" + std::to_string(i) + ".service\"]\n[network]\ndefault = \"deny\"\n");
    std::string output;
    EXPECT_EQ(machine_.run("--reload", &output), 1);
    EXPECT_NE(output.find("not loaded"), std::string::npos) << output;
    expect_in_force();
}

TEST_F(Process, KilledItLeavesAllInForceAndItsSuccessorTakesItOver) {
    ASSERT_TRUE(start_with_usual_policy());
    EXPECT_EQ(machine_.end(SIGKILL), 128 + SIGKILL);
    expect_in_force();
    ASSERT_TRUE(machine_.start_and_wait());
    EXPECT_EQ(machine_.status(), "1 policy in force for 1 unit");
    expect_in_force();
}

TEST_F(Process, OnStartABadFileLeavesInForceWhatWas) {
    ASSERT_TRUE(start_with_usual_policy());
    machine_.end(SIGKILL);
    machine_.policy("usual.toml", "units = 3\n");
    ASSERT_TRUE(machine_.start_and_wait());
    expect_in_force();
    EXPECT_NE(machine_.status().find("1 policy in force for 1 unit; not what"), std::string::npos)
        << machine_.status();
}

TEST_F(Process, StoppedItLeavesAllInForceAndSaysHowToLiftIt) {
    ASSERT_TRUE(start_with_usual_policy());
    EXPECT_EQ(machine_.end(SIGTERM), 0);
    EXPECT_TRUE(machine_.wait_for_message("enforced --release"));
    expect_in_force();
    EXPECT_EQ(machine_.run("--release"), 0);
    expect_nothing_in_force();
    EXPECT_FALSE(std::filesystem::exists("/sys/fs/bpf/enforced"));
}

TEST_F(Process, NothingIsReleasedWhileItRuns) {
    ASSERT_TRUE(start_with_usual_policy());
    std::string output;
    EXPECT_EQ(machine_.run("--release", &output), 1);
    EXPECT_NE(output.find("systemctl stop enforced"), std::string::npos) << output;
    expect_in_force();
}

TEST_F(Process, EveryRefusalIsInTheJournalHoweverOftenItIsKilled) {
    std::uint64_t refused = 0;
    ASSERT_TRUE(start_with_usual_policy());
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i <= round; i++, refused++)
            EXPECT_NE(machine_.send(forbidden_port + i % 3), 0);
        machine_.end(round % 2 ? SIGKILL : SIGTERM);
        EXPECT_NE(machine_.send(forbidden_port), 0);
        refused++;
        ASSERT_TRUE(machine_.start_and_wait());
    }
    machine_.end(SIGTERM);
    EXPECT_EQ(machine_.run("--release"), 0);
    EXPECT_EQ(machine_.refusals(), refused);
}

TEST_F(Process, FeedsTheWatchdog) {
    machine_.start({"WATCHDOG_USEC=300000"});
    ASSERT_TRUE(machine_.wait_for_notice("READY=1"));
    EXPECT_TRUE(machine_.wait_for_notice("WATCHDOG=1"));
    EXPECT_TRUE(machine_.wait_for_notice("WATCHDOG=1"));
}

TEST_F(Process, AFullRunIsNoReasonNotToEnforce) {
    ASSERT_EQ(mount("tmpfs", "/run", "tmpfs", MS_REMOUNT, "nr_inodes=16"), 0);
    for (int i = 0; i < 20; i++)
        std::ofstream("/run/filler" + std::to_string(i));
    ASSERT_TRUE(start_with_usual_policy());
    EXPECT_TRUE(
        machine_.wait_for_message("No space left on device; systemctl reload enforced will not work"));
    expect_in_force();
    machine_.remove_policy("usual.toml");
    machine_.signal(SIGHUP);
    EXPECT_TRUE(machine_.wait_for_message("no policy in force"));
    expect_nothing_in_force();
}

TEST_F(Process, WithoutTypesOfTheKernelItSaysSoAndLeavesInForceWhatWas) {
    ASSERT_TRUE(start_with_usual_policy());
    machine_.end(SIGKILL);
    ASSERT_EQ(mount("tmpfs", "/sys/kernel/btf", "tmpfs", 0, nullptr), 0);
    machine_.start();
    EXPECT_EQ(machine_.wait(), cannot_start);
    umount2("/sys/kernel/btf", MNT_DETACH);
    EXPECT_TRUE(machine_.wait_for_message("CONFIG_DEBUG_INFO_BTF"));
    expect_in_force();
}

TEST_F(Process, MountsTheBpfFileSystemWhereItIsNot) {
    while (umount2("/sys/fs/bpf", MNT_DETACH) == 0) { // ours, and the machine's below it
    }
    ASSERT_TRUE(start_with_usual_policy());
    expect_in_force();
}

TEST_F(Process, WhatSomebodyUnpinsIsPinnedAnew) {
    ASSERT_TRUE(start_with_usual_policy());
    umount2("/sys/fs/bpf", MNT_DETACH);
    EXPECT_TRUE(machine_.wait_for_message("somebody has removed "));
    std::filesystem::remove("/sys/fs/bpf/enforced/maps/units");
    EXPECT_EQ(machine_.run("--reload"), 0);
    EXPECT_EQ(machine_.end(SIGKILL), 128 + SIGKILL);
    expect_in_force();
    ASSERT_TRUE(machine_.start_and_wait());
    expect_in_force();
}

TEST_F(Process, ACorruptPinIsNamedAndWhatIsInForceStays) {
    ASSERT_TRUE(start_with_usual_policy());
    machine_.end(SIGKILL);
    ASSERT_EQ(unlink("/sys/fs/bpf/enforced/maps/labels"), 0);
    machine_.start();
    EXPECT_EQ(machine_.wait(), cannot_start);
    EXPECT_TRUE(machine_.wait_for_message("/sys/fs/bpf/enforced/maps/labels is missing"));
    EXPECT_TRUE(machine_.wait_for_message("enforced --release"));
    expect_in_force();
    EXPECT_EQ(machine_.run("--release"), 0);
    ASSERT_TRUE(machine_.start_and_wait());
    expect_in_force();
}

TEST_F(Process, WhatThisKernelCannotDoIsListed) {
    machine_.policy("warn.toml", "units = [\"" + machine_.unit() +
                                     "\"]\non-unsupported = \"warn\"\n[network]\ndefault = \"deny\"\n"
                                     "connect.allow = [\"udp:127.0.0.1:7\"]\n[exec]\ndefault = \"deny\"\n"
                                     "allow = [\"/**\"]\n");
    machine_.policy("refuse.toml",
                    "units = [\"r.service\"]\n[exec]\ndefault = \"deny\"\nallow = [\"/usr/bin/true\"]\n");
    std::string features;
    ASSERT_EQ(machine_.run("--features", &features), 0);
    if (features.find("mmap_file              works") != std::string::npos)
        GTEST_SKIP() << "this kernel can do it";
    ASSERT_TRUE(machine_.start_and_wait());
    expect_in_force();
    EXPECT_TRUE(machine_.wait_for_message("exec of policy warn is not in force: it needs "));
    EXPECT_TRUE(machine_.wait_for_message("exec of policy refuse is not in force: it needs "));
    EXPECT_NE(machine_.status().find("1 rule not in force"), std::string::npos) << machine_.status();
    EXPECT_EQ(machine_.run("--reload"), 1);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
    test::Machine machine;
    std::string output;
    EXPECT_NE(machine.run("--nonsense", &output), 0);
    EXPECT_NE(output.find("--nonsense"), std::string::npos);
    EXPECT_EQ(machine.run("--version", &output), 0);
}

} // namespace
} // namespace enforced::daemon
