// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "policy/settings.hpp"

namespace enforced::policy {
namespace {

/// What is said of a text, a line each.
std::vector<std::string> complaints(std::string_view text, Settings& settings) {
    Diagnostics diagnostics;
    std::vector<std::string> lines;
    parse_settings(text, "f", settings, diagnostics);
    for (const auto& each : diagnostics)
        lines.push_back(render(each));
    return lines;
}

TEST(Settings, EveryKeyReplacesWhatIsBuiltIn) {
    Settings settings;
    EXPECT_EQ(complaints("[log]\nlevel = \"debug\"\n[limits]\nruntime-policies = 3\n", settings),
              std::vector<std::string>());
    EXPECT_EQ(settings, (Settings{"debug", 3}));
}

TEST(Settings, WhatIsLeftOutStays) {
    Settings settings{"err", 5};
    EXPECT_EQ(complaints("", settings), std::vector<std::string>());
    EXPECT_EQ(complaints("[limits]\nruntime-policies = 0\n", settings), std::vector<std::string>());
    EXPECT_EQ(settings, (Settings{"err", 0}));
}

TEST(Settings, WhatIsWrongIsToldWithItsPlace) {
    const std::vector<std::pair<const char*, const char*>> wrong = {
        {"[log]\nlevel = \"dbug\"",
         "f:2:9: error: \"level\" must be \"emerg\", \"alert\", \"crit\", \"err\", \"warning\", "
         "\"notice\", \"info\" or \"debug\", not \"dbug\"; did you mean \"debug\"?"},
        {"[log]\nlevl = \"debug\"", "f:2:1: error: unknown key \"levl\" in [log]; did you mean \"level\"?"},
        {"[limit]", "f:1:2: error: unknown key \"limit\" at the top of the file; did you mean \"limits\"?"},
        {"[limits]\nruntime-policies = -1",
         "f:2:20: error: \"runtime-policies\" must be a number from 0 to 1024, not -1"},
        {"[limits]\nruntime-policies = 1025",
         "f:2:20: error: \"runtime-policies\" must be a number from 0 to 1024, not 1025"},
        {"[limits]\nruntime-policies = \"3\"",
         "f:2:20: error: \"runtime-policies\" must be a number from 0 to 1024, not a string"},
    };
    for (const auto& [text, expected] : wrong) {
        Settings settings;
        EXPECT_EQ(complaints(text, settings), std::vector<std::string>{expected});
        EXPECT_EQ(settings, Settings());
    }
    Settings settings;
    EXPECT_EQ(complaints("log = 1\nlimits = 2\n", settings).size(), 2U);
    EXPECT_EQ(complaints("no toml", settings).size(), 1U);
}

} // namespace
} // namespace enforced::policy
