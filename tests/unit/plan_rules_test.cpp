// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/rules.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/policy.hpp"

namespace enforced::test {
namespace {

std::vector<plan::Rule> rules_of(const policy::Policy& policy) {
    const auto* pointer = &policy;
    return plan::list_rules(std::span(&pointer, 1));
}

const plan::Rule& find(const std::vector<plan::Rule>& rules, std::string_view key) {
    for (const auto& rule : rules)
        if (rule.key == key)
            return rule;
    throw std::out_of_range(std::string(key));
}

constexpr const char* text = R"(units = ["a.service"]
[file]
[[file.rule]]
path = ["/etc/shadow*"]
access = ["read", "write"]
action = "kill"
[exec]
default = "deny"
allow = ["/usr/bin/a"]
deny = ["/usr/bin/b",
        "/usr/bin/c"]
writable-memory = "deny"
[network]
connect.deny = ["any:169.254.169.254"]
[capability]
deny = ["CAP_SYS_ADMIN"]
[kernel]
io-uring = "deny"
)";

TEST(PlanRules, StandWhereTheyAreWritten) {
    const auto rules = rules_of(read_policy("a", text));
    EXPECT_EQ(find(rules, "file.rule[0]").at.line, 3U);
    EXPECT_EQ(find(rules, "exec.default").at.line, 8U);
    EXPECT_EQ(find(rules, "exec.deny[0]").at.line, 10U);
    EXPECT_EQ(find(rules, "exec.deny[1]").at.line, 11U);
    EXPECT_EQ(find(rules, "exec.writable-memory").at.line, 12U);
    EXPECT_EQ(find(rules, "network.connect.deny[0]").at.line, 14U);
    EXPECT_EQ(find(rules, "capability.deny[0]").at.line, 16U);
    EXPECT_EQ(find(rules, "kernel.io-uring").at.line, 18U);
    EXPECT_EQ(find(rules, "kernel.io-uring").class_, "kernel");
    EXPECT_EQ(find(rules, "kernel.io-uring").text, "kernel.io-uring = \"deny\"");
    EXPECT_EQ(find(rules, "file.default").at.line, 2U) << "not written: where its section is";
    EXPECT_EQ(find(rules, "exec.deny[0]").at.file, "a.toml");
}

TEST(PlanRules, SayWhatTheySay) {
    const auto rules = rules_of(read_policy("a", text));
    const auto& file = find(rules, "file.rule[0]");
    EXPECT_EQ(file.class_, "file");
    EXPECT_EQ(file.action, "kill");
    EXPECT_EQ(file.text, R"({ path = ["/etc/shadow*"], access = ["read", "write"], action = "kill" })");
    EXPECT_EQ(find(rules, "exec.default").text, R"(exec.default = "deny")");
    EXPECT_EQ(find(rules, "exec.default").action, "default");
    EXPECT_EQ(find(rules, "network.connect.deny[0]").text, R"(network.connect.deny = "any:169.254.169.254")");
}

TEST(PlanRules, KeepTheirIdsWhenOthersComeAndGo) {
    const auto before = rules_of(read_policy("a", text));
    auto policy = read_policy("a", text);
    policy.exec->deny.erase(policy.exec->deny.begin());
    policy.file->rules.insert(policy.file->rules.begin(),
                              file_rule(policy::Action::deny, policy::access_all, {"/root/**"}));
    const auto after = rules_of(policy);
    EXPECT_EQ(find(after, "exec.deny[0]").id, find(before, "exec.deny[1]").id);
    EXPECT_EQ(find(after, "file.rule[1]").id, find(before, "file.rule[0]").id);
    EXPECT_NE(find(after, "file.rule[0]").id, find(before, "file.rule[0]").id);
}

TEST(PlanRules, EachHasAnIdOfItsOwn) {
    auto policy = read_policy("a", text);
    policy.exec->deny = globs({"/usr/bin/b", "/usr/bin/b", "/usr/bin/kuonpq", "/usr/bin/uqjxxf"});
    const auto rules = rules_of(policy);
    std::set<std::uint32_t> ids{0};
    for (const auto& rule : rules)
        EXPECT_TRUE(ids.insert(rule.id).second) << rule.key;

    // The last two have the same hash: the first one keeps it.
    policy.exec->deny = globs({"/usr/bin/uqjxxf"});
    EXPECT_EQ(find(rules_of(policy), "exec.deny[0]").id, find(rules, "exec.deny[2]").id);
}

TEST(PlanRules, AnIdIsForever) {
    // Counters of a running system are kept by it: a new release must not number anew.
    EXPECT_EQ(find(rules_of(read_policy("a", text)), "exec.deny[0]").id, 1606586321U);
}

TEST(PlanRules, TheSevererVerdictWinsAndTheFirstOfEqualOnes) {
    const auto deny = ENFORCED_CELL(1, ENFORCED_DENY), kill = ENFORCED_CELL(2, ENFORCED_KILL);
    EXPECT_EQ(plan::severer(deny, kill), kill);
    EXPECT_EQ(plan::severer(kill, deny), kill);
    EXPECT_EQ(plan::severer(deny, ENFORCED_CELL(3, ENFORCED_DENY)), deny);
}

} // namespace
} // namespace enforced::test
