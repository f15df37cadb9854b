// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/refusal.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "daemon/message.hpp"
#include "plan/attempt.hpp"

namespace enforced::daemon {
namespace {

void put_object(enforced_event& event, const std::string& text) {
    event.object_length = static_cast<std::uint32_t>(text.size());
    std::memcpy(event.object + sizeof(event.object) - text.size(), text.data(), text.size());
}

enforced_event event_of(enforced_operation operation, enforced_verdict verdict = ENFORCED_DENY) {
    enforced_event event = {};
    event.unit = 10;
    event.rule = 7;
    event.verdict = verdict;
    event.operation = operation;
    event.class_ = ENFORCED_CLASS_FILE;
    event.pid = 1234;
    event.uid = 33;
    std::strcpy(event.comm, "nginx");
    return event;
}

plan::Rule rule() {
    return {.id = 7,
            .policy = "nginx",
            .key = "file.rule[0]",
            .class_ = "file",
            .action = "deny",
            .text = "path = [\"/srv/private/**\"]",
            .at = {"/etc/enforced/policy.d/nginx.toml", 12, 1}};
}

std::string message_of(const enforced_event& event, std::uint64_t count = 1) {
    return std::string(refusal_entry(describe(event), count, rule(), "nginx.service").field("MESSAGE"));
}

TEST(RefusalEntry, NamesEverythingThatAnAdministratorAsksFor) {
    enforced_event event = event_of(ENFORCED_OP_READ);
    put_object(event, "/srv/private/x");
    std::memcpy(event.exe + sizeof(event.exe) - 15, "/usr/sbin/nginx", 15);
    event.exe_length = 15;
    event.ino = 99;
    event.dev = 8u << 20 | 1;
    const Entry entry = refusal_entry(describe(event), 3, rule(), "/system.slice/nginx.service");
    EXPECT_EQ(entry.field("MESSAGE"),
              "refused: nginx[1234] may not read /srv/private/x (policy nginx, "
              "/etc/enforced/policy.d/nginx.toml:12: path = [\"/srv/private/**\"]) [3 times]");
    EXPECT_EQ(entry.field("MESSAGE_ID"), message::refused);
    EXPECT_EQ(entry.field("PRIORITY"), "4");
    EXPECT_EQ(entry.field("SYSLOG_IDENTIFIER"), "enforced");
    EXPECT_EQ(entry.field("OBJECT_SYSTEMD_UNIT"), "nginx.service");
    EXPECT_EQ(entry.field("OBJECT_SYSTEMD_CGROUP"), "/system.slice/nginx.service");
    EXPECT_EQ(entry.field("ENFORCED_POLICY"), "nginx");
    EXPECT_EQ(entry.field("ENFORCED_RULE"), "file.rule[0]");
    EXPECT_EQ(entry.field("ENFORCED_ACTION"), "deny");
    EXPECT_EQ(entry.field("ENFORCED_CLASS"), "file");
    EXPECT_EQ(entry.field("ENFORCED_OPERATION"), "read");
    EXPECT_EQ(entry.field("ENFORCED_OBJECT"), "/srv/private/x");
    EXPECT_EQ(entry.field("ENFORCED_FILE"), "/etc/enforced/policy.d/nginx.toml");
    EXPECT_EQ(entry.field("ENFORCED_LINE"), "12");
    EXPECT_EQ(entry.field("ENFORCED_COUNT"), "3");
    EXPECT_EQ(entry.field("ENFORCED_PID"), "1234");
    EXPECT_EQ(entry.field("ENFORCED_UID"), "33");
    EXPECT_EQ(entry.field("ENFORCED_COMM"), "nginx");
    EXPECT_EQ(entry.field("ENFORCED_EXE"), "/usr/sbin/nginx");
    EXPECT_EQ(entry.field("ENFORCED_INODE"), "99");
    EXPECT_EQ(entry.field("ENFORCED_DEVICE"), "8:1");
}

TEST(RefusalEntry, EachEntryHasAnIdOfItsOwn) {
    const auto one = [] { return refusal_entry(describe(event_of(ENFORCED_OP_READ)), 1, rule(), ""); };
    EXPECT_EQ(one().field("ENFORCED_EVENT").size(), 32U);
    EXPECT_NE(one().field("ENFORCED_EVENT"), one().field("ENFORCED_EVENT"));
}

TEST(RefusalEntry, FlagsAreWordsThatCanBeReadAgain) {
    enforced_event event = event_of(ENFORCED_OP_READ);
    EXPECT_EQ(refusal_entry(describe(event), 1, rule(), "").field("ENFORCED_FLAGS"), "");
    for (std::uint32_t flag = 1; flag <= ENFORCED_EVENT_DUAL; flag <<= 1) {
        if (plan::flag_words(flag).empty())
            continue;
        event.flags = flag | ENFORCED_EVENT_OBJECT_CUT;
        const Entry entry = refusal_entry(describe(event), 1, rule(), "");
        EXPECT_EQ(plan::flags_named(entry.field("ENFORCED_FLAGS")), event.flags) << flag;
    }
    EXPECT_EQ(plan::flags_named("nonsense  object-cut"), ENFORCED_EVENT_OBJECT_CUT);
}

TEST(RefusalEntry, AnOperationIsKnownByItsNameAgain) {
    for (std::uint32_t operation = ENFORCED_OP_READ; operation <= ENFORCED_OP_CAPABILITY; operation++) {
        const Entry entry =
            refusal_entry(describe(event_of(static_cast<enforced_operation>(operation))), 1, rule(), "");
        EXPECT_EQ(plan::operation_named(entry.field("ENFORCED_OPERATION")), operation) << operation;
    }
    EXPECT_FALSE(plan::operation_named(""));
}

TEST(RefusalEntry, APacketHasAPeerAndNoProcess) {
    enforced_event event = event_of(ENFORCED_OP_ACCEPT);
    event.class_ = ENFORCED_CLASS_NETWORK;
    event.family = AF_INET;
    event.protocol = IPPROTO_TCP;
    event.pid = 0;
    const std::uint8_t address[] = {192, 0, 2, 1};
    std::ranges::copy(address, event.address);
    const Entry entry = refusal_entry(describe(event), 1, rule(), "/system.slice/nginx.service");
    EXPECT_EQ(entry.field("ENFORCED_OBJECT"), "tcp:192.0.2.1");
    EXPECT_TRUE(entry.field("MESSAGE").starts_with(
        "refused: nginx.service may not accept a connection from tcp:192.0.2.1 ("))
        << entry.field("MESSAGE");
    EXPECT_TRUE(entry.field("ENFORCED_PID").empty());
}

TEST(RefusalEntry, AStrangeNameIsRawInItsFieldAndHarmlessInTheMessage) {
    enforced_event event = event_of(ENFORCED_OP_READ);
    const std::string name = "/tmp/a\nPRIORITY=0\n\x1b[31m\xff";
    put_object(event, name);
    const Entry entry = refusal_entry(describe(event), 1, rule(), "nginx.service");
    EXPECT_EQ(entry.field("ENFORCED_OBJECT"), name);
    EXPECT_EQ(entry.field("PRIORITY"), "4");
    EXPECT_EQ(entry.field("MESSAGE").find('\n'), std::string_view::npos);
    EXPECT_EQ(entry.field("MESSAGE").find('\x1b'), std::string_view::npos);
    EXPECT_EQ(entry.field("MESSAGE").find('\xff'), std::string_view::npos);
}

TEST(RefusalEntry, TellsVerdictsApart) {
    const struct {
        enforced_verdict verdict;
        const char *id, *action, *begins;
    } cases[] = {
        {ENFORCED_DENY, message::refused, "deny", "refused: nginx[1234] may not "},
        {ENFORCED_KILL, message::refused, "kill", "killed: nginx[1234] may not "},
        {ENFORCED_WOULD_DENY, message::would_refuse, "would-deny", "would be refused: nginx[1234] may not "},
        {ENFORCED_WOULD_KILL, message::would_refuse, "would-kill", "would be killed: nginx[1234] may not "},
        {ENFORCED_LOG, message::reported, "audit", "permitted and reported: nginx[1234] did "},
    };
    for (const auto& [verdict, id, action, begins] : cases) {
        enforced_event event = event_of(ENFORCED_OP_READ, verdict);
        put_object(event, "/x");
        const Entry entry = refusal_entry(describe(event), 1, rule(), "nginx.service");
        EXPECT_EQ(entry.field("MESSAGE_ID"), id);
        EXPECT_EQ(entry.field("ENFORCED_ACTION"), action);
        EXPECT_TRUE(entry.field("MESSAGE").starts_with(begins)) << entry.field("MESSAGE");
    }
}

TEST(RefusalEntry, SpellsEndpointsAsAPolicyDoes) {
    enforced_event event = event_of(ENFORCED_OP_CONNECT);
    event.family = AF_INET;
    event.protocol = IPPROTO_TCP;
    event.port = 5432;
    inet_pton(AF_INET, "10.0.0.1", event.address);
    EXPECT_EQ(describe(event).object, "tcp:10.0.0.1:5432");
    event.family = AF_INET6;
    event.protocol = IPPROTO_UDP;
    inet_pton(AF_INET6, "2001:db8::53", event.address);
    EXPECT_EQ(describe(event).object, "udp:[2001:db8::53]:5432");
    EXPECT_NE(message_of(event).find("may not connect to udp:[2001:db8::53]:5432"), std::string::npos);
}

TEST(RefusalEntry, NamesTheKindOfASocket) {
    enforced_event event = event_of(ENFORCED_OP_FAMILY);
    event.family = AF_PACKET;
    event.type = SOCK_RAW;
    EXPECT_EQ(describe(event).object, "packet raw");
    event.family = 200;
    event.type = 77;
    EXPECT_EQ(describe(event).object, "family-200 type-77");
}

TEST(RefusalEntry, NamesACapability) {
    enforced_event event = event_of(ENFORCED_OP_CAPABILITY);
    event.number = CAP_NET_ADMIN;
    EXPECT_EQ(describe(event).object, "net_admin");
    EXPECT_NE(message_of(event).find("may not use the capability net_admin (policy"), std::string::npos);
    event.flags = ENFORCED_EVENT_USER_NAMESPACE;
    EXPECT_NE(message_of(event).find("the capability net_admin (in a user namespace) (policy"),
              std::string::npos);
    event.number = 63;
    EXPECT_EQ(describe(event).object, "capability-63");
}

TEST(RefusalEntry, NamesWhatIsAskedOfTheKernel) {
    enforced_event event = event_of(ENFORCED_OP_KERNEL_BPF);
    event.number = BPF_LINK_DETACH;
    EXPECT_NE(message_of(event).find("may not call bpf: link-detach (policy"), std::string::npos);
    event.number = 200;
    EXPECT_EQ(describe(event).object, "command-200");
    event = event_of(ENFORCED_OP_KERNEL_SIGNAL);
    event.number = SIGTERM;
    put_object(event, "sleep");
    EXPECT_NE(message_of(event).find("may not send another unit's processes SIGTERM to sleep (policy"),
              std::string::npos);
    event.number = 40;
    EXPECT_EQ(describe(event).object, "signal 40 to sleep");
    event = event_of(ENFORCED_OP_KERNEL_SIGNAL);
    event.number = SIGIO;
    EXPECT_EQ(describe(event).object, "SIGIO") << "whoever its file belongs to";
    event = event_of(ENFORCED_OP_KERNEL_MODULES);
    put_object(event, "net-pf-38");
    EXPECT_NE(message_of(event).find("may not load or unload net-pf-38 (policy"), std::string::npos);
    event.number = ENFORCED_LOADS_KERNEL;
    EXPECT_EQ(describe(event).object, "a kernel to boot");
    event = event_of(ENFORCED_OP_KERNEL_IO_URING);
    EXPECT_NE(message_of(event).find("may not make an io_uring (policy"), std::string::npos);
    EXPECT_EQ(refusal_entry(describe(event), 1, std::nullopt, "").field("ENFORCED_OPERATION"), "io-uring");
}

TEST(RefusalEntry, SaysWhatIsOddAboutAName) {
    enforced_event event = event_of(ENFORCED_OP_READ);
    put_object(event, "/shadow");
    event.flags = ENFORCED_EVENT_UNRESOLVED;
    EXPECT_NE(message_of(event).find("/shadow (a name that does not lead to the unit's root)"),
              std::string::npos);
    event.flags = ENFORCED_EVENT_BY_IDENTITY;
    EXPECT_NE(message_of(event).find("/shadow (which the rule names elsewhere)"), std::string::npos);
    event.flags = ENFORCED_EVENT_OBJECT_CUT;
    EXPECT_NE(message_of(event).find(" .../shadow "), std::string::npos);
}

TEST(RefusalEntry, WithoutAnEventSaysWhatIsKnown) {
    enforced_repeat repeat = {};
    repeat.rule = 7;
    repeat.verdict = ENFORCED_DENY;
    repeat.operation = ENFORCED_OP_READ;
    const Entry entry = refusal_entry(describe(repeat), 5, rule(), "nginx.service");
    EXPECT_TRUE(
        entry.field("MESSAGE").starts_with("refused: nginx.service may not read something (the record"));
    EXPECT_EQ(entry.field("ENFORCED_COUNT"), "5");
    EXPECT_EQ(entry.field("ENFORCED_PID"), "");
}

TEST(RefusalEntry, WithoutARuleStillNamesItsId) {
    const Entry entry = refusal_entry(describe(event_of(ENFORCED_OP_READ)), 1, std::nullopt, "");
    EXPECT_EQ(entry.field("ENFORCED_RULE_ID"), "7");
    EXPECT_EQ(entry.field("ENFORCED_CLASS"), "file");
    EXPECT_EQ(entry.field("OBJECT_SYSTEMD_UNIT"), "");
    EXPECT_NE(entry.field("MESSAGE").find("no longer there"), std::string_view::npos);
}

TEST(Event, AnImpossibleLengthReadsNothingBeyondTheRecord) {
    enforced_event event = event_of(ENFORCED_OP_READ);
    event.object_length = event.exe_length = 0xffffffff;
    EXPECT_EQ(describe(event).object.size(), sizeof(event.object));
    EXPECT_EQ(describe(event).exe.size(), sizeof(event.exe));
}

} // namespace
} // namespace enforced::daemon
