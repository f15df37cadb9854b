// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/account.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "daemon/message.hpp"
#include "daemon/notice.hpp"

namespace enforced::daemon {
namespace {

std::vector<Entry> entries(const Outcome& outcome) {
    return outcome_entries(outcome, "1 policy in force for 1 unit",
                           [](const std::string& hook) { return hook == "mmap_file" ? "no such hook" : ""; });
}

TEST(Outcome, SaysWhatIsInForce) {
    Outcome outcome;
    outcome.done = true;
    outcome.policies = 3;
    outcome.units = 5;
    outcome.shortfalls.push_back({"nginx", "exec", "mmap_file", {"/etc/n.toml", 4, 1}});
    const auto said = entries(outcome);
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(said[0].field("MESSAGE"),
              "/etc/n.toml:4: exec of policy nginx is not in force: it needs mmap_file (no such hook)");
    EXPECT_EQ(said[0].field("MESSAGE_ID"), message::not_in_force);
    EXPECT_EQ(said[0].field("ENFORCED_POLICY"), "nginx");
    EXPECT_EQ(said[1].field("MESSAGE"),
              "3 policies in force for 5 units; 1 rule not in force (journalctl -u enforced "
              "says which)");
}

TEST(Outcome, SaysWhatRulesInForceDoNotHold) {
    Outcome outcome;
    outcome.gaps.push_back({"nginx", "network.connect", "this and that", "mmap_file", {"/etc/n.toml", 4, 1}});
    EXPECT_EQ(entries(outcome)[0].field("MESSAGE"),
              "/etc/n.toml:4: network.connect of policy nginx is in force, but not for this and that: that "
              "needs mmap_file (no such hook)");
    EXPECT_EQ(entries(outcome)[0].field("MESSAGE_ID"), message::not_in_force);
}

TEST(Outcome, SaysWhatIsWrongAndWhatStays) {
    Outcome outcome;
    policy::Diagnostic error;
    error.at = {"/etc/a.toml", 2, 3};
    error.message = "what?";
    outcome.diagnostics.push_back(error);
    const auto said = entries(outcome);
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(said[0].field("MESSAGE"), "/etc/a.toml:2:3: error: what?");
    EXPECT_EQ(said[0].field("MESSAGE_ID"), message::bad_policy);
    EXPECT_EQ(said[0].field("ENFORCED_LINE"), "2");
    EXPECT_EQ(said[1].field("MESSAGE"),
              "the policy files are not loaded: 1 error, see above. Still: 1 policy in force for 1 unit");
    EXPECT_EQ(said[1].field("PRIORITY"), "3");
}

TEST(Outcome, SaysHowToHaveTheRestOfAPolicy) {
    Outcome outcome;
    outcome.refused.push_back({"nginx", "exec", "mmap_file", {"/etc/n.toml", 4, 1}});
    EXPECT_NE(entries(outcome)[0].field("MESSAGE").find("on-unsupported = \"warn\""), std::string_view::npos);
    EXPECT_EQ(entries(outcome)[0].field("PRIORITY"), "3");
}

TEST(Outcome, SaysWhatElseStoodAgainstIt) {
    Outcome outcome;
    outcome.error = "no room";
    EXPECT_NE(entries(outcome)[0].field("MESSAGE").find("not loaded: no room. Still: 1 policy"),
              std::string_view::npos);
}

TEST(StatusSentence, IsOneThatAPersonWouldWrite) {
    EXPECT_EQ(status_sentence(0, 0, 0), "no policy in force");
    EXPECT_EQ(status_sentence(1, 1, 0), "1 policy in force for 1 unit");
    EXPECT_EQ(status_sentence(2, 0, 0), "2 policies in force for 0 units");
}

TEST(Catalog, HasATextForEveryKindOfMessage) {
    std::ifstream file(SOURCE_ROOT "/units/enforced.catalog");
    std::set<std::string> found;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("-- "))
            found.insert(line.substr(3));
    }
    const std::set<std::string> expected = {
        message::refused,          message::would_refuse,  message::reported,     message::in_force,
        message::bad_policy,       message::not_loaded,    message::not_in_force, message::left_in_force,
        message::released,         message::lost,          message::cannot_start, message::changed,
        message::bad_settings,     message::confirmed,     message::undone,       message::not_undone,
        message::trespass_refused, message::trespass_seen, message::weakened,     message::strengthened,
    };
    EXPECT_EQ(found, expected);
}

} // namespace
} // namespace enforced::daemon
