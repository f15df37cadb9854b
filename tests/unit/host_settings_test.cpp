// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <unistd.h>

#include "host/settings.hpp"
#include "support/tree.hpp"

namespace enforced::host {
namespace {

constexpr const char *debug = "[log]\nlevel = \"debug\"\n", *three = "[limits]\nruntime-policies = 3\n";

class SettingsFiles : public testing::Test {
  protected:
    [[nodiscard]] ReadSettings read() const {
        return read_settings(std::vector{tree_.path("usr/enforced"), tree_.path("etc/enforced")}, geteuid());
    }

    test::Tree tree_;
};

TEST_F(SettingsFiles, NoneHasToBeThere) {
    EXPECT_EQ(read().settings, policy::Settings());
    EXPECT_TRUE(read().diagnostics.empty());
}

TEST_F(SettingsFiles, TheHigherDirectoryCountsAndAmendmentsComeAfter) {
    tree_.file("usr/enforced/enforced.toml", "nonsense = 1");
    tree_.file("etc/enforced/enforced.toml", debug);
    tree_.file("usr/enforced/enforced.toml.d/50-a.toml", three);
    tree_.file("etc/enforced/enforced.toml.d/60-b.toml", "[log]\nlevel = \"err\"\n");
    EXPECT_EQ(read().settings, (policy::Settings{"err", 3}));
    EXPECT_TRUE(read().diagnostics.empty());
}

TEST_F(SettingsFiles, AmendmentsCountByThemselves) {
    tree_.file("etc/enforced/enforced.toml.d/50-a.toml", three);
    EXPECT_EQ(read().settings.runtime_policies, 3U);
}

TEST_F(SettingsFiles, AnEmptyFileMasks) {
    tree_.file("usr/enforced/enforced.toml", debug);
    tree_.file("usr/enforced/enforced.toml.d/50-a.toml", three);
    tree_.file("etc/enforced/enforced.toml.d/50-a.toml");
    EXPECT_EQ(read().settings, (policy::Settings{"debug", 16}));
    tree_.file("etc/enforced/enforced.toml");
    EXPECT_EQ(read().settings, policy::Settings());
}

TEST_F(SettingsFiles, OneErrorAndTheBuiltInOnesHold) {
    tree_.file("etc/enforced/enforced.toml", debug);
    const auto path =
        tree_.file("etc/enforced/enforced.toml.d/50-a.toml", "[limits]\nruntime-policies = \"3\"\n");
    EXPECT_EQ(read().settings, policy::Settings());
    ASSERT_EQ(read().diagnostics.size(), 1U);
    EXPECT_EQ(read().diagnostics[0].at.file, path);
    EXPECT_EQ(read().diagnostics[0].at.line, 2U);
}

TEST_F(SettingsFiles, WhatOthersCanWriteIsNotRead) {
    tree_.file("etc/enforced/enforced.toml", debug, 0666);
    EXPECT_EQ(read().settings, policy::Settings());
    EXPECT_EQ(read().diagnostics.size(), 1U);
}

TEST_F(SettingsFiles, OtherFilesAreNotOurs) {
    tree_.file("etc/enforced/other.toml", "nonsense = 1");
    tree_.file("etc/enforced/policy.d/a.toml", "nonsense = 1");
    EXPECT_TRUE(read().diagnostics.empty());
}

} // namespace
} // namespace enforced::host
