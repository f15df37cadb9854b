// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/trespass.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstring>

#include "daemon/message.hpp"
#include "daemon/refusal.hpp"
#include "plan/attempt.hpp"

namespace enforced::daemon {
namespace {

enforced_event event_of(enforced_operation operation, enforced_verdict verdict = ENFORCED_DENY) {
    enforced_event event = {};
    event.unit = 10;
    event.verdict = verdict;
    event.operation = operation;
    event.class_ = ENFORCED_CLASS_SELF;
    event.pid = 1234;
    std::strcpy(event.comm, "sh");
    return event;
}

Entry entry_of(const enforced_event& event, const std::string& cgroup, std::uint64_t count = 1) {
    return refusal_entry(describe(event), count, self_protection_rule(), cgroup);
}

TEST(Trespass, IsRefusedByARuleThatStandsInNoFile) {
    enforced_event event = event_of(ENFORCED_OP_SELF_SIGNAL);
    event.number = SIGKILL;
    const Entry entry = entry_of(event, "/system.slice/nginx.service");
    EXPECT_EQ(entry.field("MESSAGE"), "refused: sh[1234] may not send enforced SIGKILL (self-protection: "
                                      "governed units do not touch enforced itself)");
    EXPECT_EQ(entry.field("MESSAGE_ID"), message::trespass_refused);
    EXPECT_EQ(entry.field("OBJECT_SYSTEMD_UNIT"), "nginx.service");
    EXPECT_EQ(entry.field("ENFORCED_CLASS"), "self-protection");
    EXPECT_EQ(entry.field("ENFORCED_RULE"), "self-protection");
    EXPECT_EQ(entry.field("ENFORCED_RULE_ID"), "0");
    EXPECT_EQ(entry.field("ENFORCED_OPERATION"), "daemon-signal");
    EXPECT_TRUE(entry.field("ENFORCED_POLICY").empty() && entry.field("ENFORCED_FILE").empty());
}

TEST(Trespass, OfWhoIsGovernedByNothingIsOnlyToldOf) {
    enforced_event event = event_of(ENFORCED_OP_SELF_BPF, ENFORCED_LOG);
    event.unit = 0;
    const Entry entry = entry_of(event, "", 3);
    EXPECT_EQ(entry.field("MESSAGE"),
              "sh[1234], which no policy governs, got hold of what enforced has in the "
              "kernel: a map [3 times]");
    EXPECT_EQ(entry.field("MESSAGE_ID"), message::trespass_seen);
    EXPECT_EQ(entry.field("ENFORCED_ACTION"), "audit");
    EXPECT_TRUE(entry.field("OBJECT_SYSTEMD_UNIT").empty());
}

TEST(Trespass, InAuditModeWouldBeRefused) {
    const Entry entry = entry_of(event_of(ENFORCED_OP_SELF_TRACE, ENFORCED_WOULD_DENY), "/a.service");
    EXPECT_EQ(entry.field("MESSAGE").substr(0, 26), "would be refused: sh[1234]");
    EXPECT_EQ(entry.field("MESSAGE_ID"), message::trespass_seen);
}

TEST(Trespass, IsNoOperationThatAPolicyCouldAllow) {
    for (std::uint32_t operation = ENFORCED_OP_SELF; operation <= ENFORCED_OP_SELF_MOUNT; operation++) {
        const TrespassVerb verb = trespass_verb(operation);
        EXPECT_NE(verb.name, "daemon");
        EXPECT_FALSE(plan::operation_named(verb.name)) << verb.name;
    }
}

} // namespace
} // namespace enforced::daemon
