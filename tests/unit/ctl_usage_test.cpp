// SPDX-License-Identifier: GPL-2.0-or-later
/// How enforcectl is called: what it says of a wrong call, and what without a bus.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ctl/exit.hpp"
#include "support/enforcectl.hpp"

namespace enforced::ctl {
namespace {

using test::Enforcectl;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_F(Enforcectl, HelpIsAnAnswer) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--help"}, {"mode", "--help"}, {"--version"}}) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_NE(outcome.output, "");
        EXPECT_TRUE(outcome.errors.empty());
    }
}

TEST_F(Enforcectl, AWrongCallIsToldInTwoLinesAndNotByAllOfTheHelp) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"--nonsense"},
        {"mode", "nginx"},
        {"mode", "nginx", "enforcing"},
        {"units", "--json=yes"},
        {"events", "-n", "many"},
        {"events", "--since", "soon"},
        {"events", "--follow", "--reverse"},
        {"mode", "nginx", "audit", "--timeout", "soon"},
        {"mode", "nginx", "audit", "--timeout", "1ms"},
        {"mode", "nginx", "audit", "--timeout", "2d"},
        {"mode", "nginx", "audit", "--hold"},
        {"load", "-"},
        {"load", "/tmp/nginx.conf"},
        {"check", "--running"},
    };
    for (const auto& arguments : wrong) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.status, exit_usage) << testing::PrintToString(arguments);
        EXPECT_EQ(outcome.output, "");
        EXPECT_TRUE(outcome.errors.size() == 1 || outcome.errors.size() == 2)
            << testing::PrintToString(outcome.errors);
        EXPECT_TRUE(outcome.errors[0].starts_with("enforcectl: ")) << outcome.errors[0];
    }
}

TEST_F(Enforcectl, AVerbThatIsNearlyOneIsSuggested) {
    const auto outcome = run({"polices"});
    EXPECT_EQ(outcome.status, exit_usage);
    EXPECT_EQ(outcome.errors[0], "enforcectl: there is no verb \"polices\"; did you mean policies?");
}

TEST_F(Enforcectl, WithoutABusItSaysSo) {
    for (const auto* verb :
         {"status", "units", "policies", "show", "reload", "release", "events", "features", "confirm"}) {
        const auto outcome = run({verb});
        EXPECT_EQ(outcome.status, exit_failed) << verb;
        EXPECT_EQ(outcome.output, "");
        EXPECT_TRUE(has(outcome.errors[0], "the system bus cannot be reached")) << outcome.errors[0];
    }
}

TEST_F(Enforcectl, CheckAnswersInJson) {
    const auto path = tree_.file("a.toml", "units = [\"a\"]\n");
    const auto outcome = run({"check", "--json=short", path});
    EXPECT_EQ(outcome.status, exit_failed);
    EXPECT_TRUE(outcome.errors.empty());
    const auto document = nlohmann::json::parse(outcome.output);
    ASSERT_EQ(document.size(), 1U);
    EXPECT_EQ(document[0]["severity"], "error");
    EXPECT_EQ(document[0]["file"], path);
    EXPECT_EQ(document[0]["line"], 1);
    EXPECT_EQ(document[0]["column"], 11);
}

TEST_F(Enforcectl, WhatCannotBeWrittenIsAnError) {
    EXPECT_EQ(run({"check", "--json=short", tree_.file("a.toml", "units = [\"a.service\"]\n")}).status, 0);
    const auto command =
        std::string(ENFORCECTL) + " check --json=short " + tree_.path("a.toml") + " >/dev/full 2>/dev/null";
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), exit_failed);
}

} // namespace
} // namespace enforced::ctl
