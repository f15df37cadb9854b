// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "ctl/bus/errors.hpp"
#include "ctl/exit.hpp"
#include "ctl/names.hpp"

namespace enforced::ctl {
namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Errors, WithoutTheDaemonTheyNameTheCommandThatStartsIt) {
    for (const char* name :
         {"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
          "org.freedesktop.systemd1.NoSuchUnit"}) {
        const auto error = sentence(name, "whatever");
        EXPECT_TRUE(has(error.message, "enforced is not running")) << error.message;
        EXPECT_TRUE(has(error.message, "systemctl ")) << error.message;
        EXPECT_TRUE(has(error.message, "stays in force")) << error.message;
        EXPECT_EQ(exit_status(error), exit_not_running);
    }
}

TEST(Errors, ADaemonThatCannotBeStartedIsNotRunning) {
    for (const char* name : {"org.freedesktop.DBus.Error.Spawn.ChildExited",
                             "org.freedesktop.systemd1.UnitMasked", "org.freedesktop.DBus.Error.NoReply"})
        EXPECT_EQ(exit_status(sentence(name, "")), exit_not_running) << name;
}

TEST(Errors, WhatIsNotPermittedHasItsOwnStatus) {
    const auto denied =
        sentence("org.freedesktop.DBus.Error.AccessDenied", "Not without org.enforced1.read-state");
    EXPECT_TRUE(has(denied.message, "org.enforced1.read-state"));
    EXPECT_EQ(exit_status(denied), exit_forbidden);
    const auto challenge = sentence("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "x");
    EXPECT_TRUE(has(challenge.message, "--no-ask-password"));
    EXPECT_EQ(exit_status(challenge), exit_forbidden);
}

TEST(Errors, WhatIsPendingNamesBothWaysOut) {
    const auto error =
        sentence("org.enforced1.Error.ProbationPending", "mode audit of nginx, by uid 0, is on probation");
    EXPECT_TRUE(has(error.message, "mode audit of nginx"));
    EXPECT_TRUE(has(error.message, "enforcectl confirm"));
    EXPECT_TRUE(has(error.message, "enforcectl revert"));
    EXPECT_EQ(exit_status(error), exit_failed);
}

TEST(Errors, OthersSayWhatTheDaemonSays) {
    EXPECT_EQ(sentence("org.enforced1.Error.BadPolicy", "x.toml:1:2: error: no").message,
              "x.toml:1:2: error: no");
    EXPECT_EQ(sentence("org.example.Unheard", "").message, "org.example.Unheard");
    EXPECT_EQ(sentence("org.enforced1.Error.NoSuchUnit", "x").code, error_not_found);
}

TEST(Names, UnitsAreCompletedAsSystemctlDoes) {
    EXPECT_EQ(full_unit_name("nginx"), "nginx.service");
    EXPECT_EQ(full_unit_name("nginx@a"), "nginx@a.service");
    EXPECT_EQ(full_unit_name("system.slice"), "system.slice");
    EXPECT_FALSE(is_unit_name("nginx"));
    EXPECT_TRUE(is_unit_name("a.scope"));
}

} // namespace
} // namespace enforced::ctl
