// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/user.hpp"

#include <gtest/gtest.h>

namespace enforced::policy {
namespace {

TEST(User, IsANumberARangeOrAName) {
    EXPECT_EQ(parse_user("0").value(), (UserRange{0, 0}));
    EXPECT_EQ(parse_user("1000-1999").value(), (UserRange{1000, 1999}));
    EXPECT_EQ(parse_user("4294967294").value(), (UserRange{4294967294, 4294967294}));
    for (const char* name : {"alice", "_apt", "systemd-network", "a.b", "User1"})
        EXPECT_FALSE(parse_user(name).value()) << name;
}

TEST(User, NothingElse) {
    for (const char* text :
         {"", "-", "1-", "-1", "1-2-3", "01", "4294967295", "2-1", "a b", "a*", "1a", "+1"})
        EXPECT_FALSE(parse_user(text)) << text;
}

TEST(User, NamesAreLookedUp) {
    std::vector<Policy> policies(2);
    policies[0].users = {{"alice", {}, {}}, {"5-6", UserRange{5, 6}, {}}};
    policies[1].users = {{"bob", {}, {"b.toml", 2, 10}}};
    const auto found = resolve_users(policies, [](const std::string& name) {
        return name == "alice" ? std::optional(1000U) : std::nullopt;
    });
    EXPECT_EQ(policies[0].users[0].ids, std::optional(UserRange{1000, 1000}));
    EXPECT_EQ(policies[0].users[1].ids, std::optional(UserRange{5, 6}));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].at.line, 2u);
    EXPECT_NE(found[0].message.find("no user \"bob\""), std::string::npos);
}

} // namespace
} // namespace enforced::policy
