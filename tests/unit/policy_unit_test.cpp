// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/unit.hpp"

#include <gtest/gtest.h>

namespace enforced::policy {
namespace {

TEST(Unit, IsAnyGlobThatCanEndInATypeWithProcesses) {
    for (const auto* text : {"a.service",
                             "a.scope",
                             "a.slice",
                             "a.socket",
                             "a.mount",
                             "a.swap",
                             "*",
                             "nginx*",
                             "nginx.*",
                             "nginx.s*",
                             "nginx.*e",
                             "nginx.serv?ce",
                             "nginx.[a-z]ervice",
                             "nginx{.service,.socket}",
                             "nginx{,@*}.service",
                             "nginx.s{ervice,lice}",
                             "nginx.{timer,service}",
                             "*.{timer,{target,scope}}",
                             "a?service",
                             "a@*.service",
                             "session-*.scope",
                             "system.slice",
                             "user@1000.service"})
        EXPECT_FALSE(check_unit(text)) << text << ": " << check_unit(text)->message;
}

TEST(Unit, CannotEndOtherwise) {
    for (const auto* text : {"nginx", "nginx.*x", "nginx.[!s]ervice", "nginx.{timer,path}", "*.target",
                             "nginx.service.d", "nginx.servic", "nginxservice{,x}", "a.{,x}", "*.Service"})
        EXPECT_TRUE(check_unit(text)) << text;
}

TEST(Unit, OfAReservedNameIsNamedByGlobsOnly) {
    for (const auto* text : {"init.scope", "enforced.service", "-.slice", "ini\\t.scope", "\\-.slice"})
        EXPECT_TRUE(check_unit(text)) << text;
    for (const auto* text : {"*.scope", "enforced*.service", "{-,a}.slice", "enforced-agent.service"})
        EXPECT_FALSE(check_unit(text)) << text;
}

TEST(Unit, OfAnyLengthIsJudgedSoon) {
    std::string text;
    while (text.size() < 240)
        text += "{*,?}";
    EXPECT_FALSE(check_unit(text));
}

} // namespace
} // namespace enforced::policy
