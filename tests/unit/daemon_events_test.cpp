// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/events.hpp"

#include <gtest/gtest.h>

#include "daemon/inquiry.hpp"
#include "daemon/message.hpp"
#include "daemon/refusal.hpp"
#include "plan/compile.hpp"
#include "support/journal_file.hpp"
#include "support/policy.hpp"
#include "support/tree.hpp"

namespace enforced::daemon {
namespace {

using test::JournalFile;

constexpr const char* cgroup = "/system.slice/web.service";

plan::Rule rule() {
    return {.id = 7,
            .policy = "web",
            .key = "file.rule[0]",
            .class_ = "file",
            .action = "deny",
            .text = "path = [\"/srv/**\"]",
            .at = {"/etc/enforced/policy.d/web.toml", 12, 1}};
}

Occurrence occurrence(const std::string& object) {
    Occurrence what;
    what.rule = 7;
    what.verdict = ENFORCED_DENY;
    what.class_ = ENFORCED_CLASS_FILE;
    what.operation = ENFORCED_OP_READ;
    what.detailed = true;
    what.flags = ENFORCED_EVENT_EXE_CUT;
    what.pid = 42;
    what.uid = 33;
    what.comm = "web";
    what.exe = "/usr/sbin/web";
    what.object = object;
    what.inode = 99;
    what.device = 8U << 20 | 1;
    return what;
}

TEST(EventOf, KnowsAllThatTheDaemonWrites) {
    const Entry entry = refusal_entry(occurrence("/srv/x"), 3, rule(), cgroup);
    const bus::Event event = event_of(entry.fields());
    EXPECT_EQ(event.message, entry.field("MESSAGE"));
    EXPECT_EQ(event.id, entry.field("ENFORCED_EVENT"));
    EXPECT_EQ(event.unit, "web.service");
    EXPECT_EQ(event.cgroup, cgroup);
    EXPECT_EQ(event.policy, "web");
    EXPECT_EQ(event.rule, "file.rule[0]");
    EXPECT_EQ(event.rule_id, 7U);
    EXPECT_EQ(event.text, rule().text);
    EXPECT_EQ(event.file, "/etc/enforced/policy.d/web.toml");
    EXPECT_EQ(event.line, 12U);
    EXPECT_EQ(event.class_, "file");
    EXPECT_EQ(event.verdict, "deny");
    EXPECT_EQ(event.operation, "read");
    EXPECT_EQ(event.object, "/srv/x");
    EXPECT_EQ(event.flags, "exe-cut");
    EXPECT_EQ(event.count, 3U);
    EXPECT_EQ(event.pid, 42U);
    EXPECT_EQ(event.uid, 33U);
    EXPECT_EQ(event.gid, 0U);
    EXPECT_EQ(event.comm, "web");
    EXPECT_EQ(event.exe, "/usr/sbin/web");
    EXPECT_EQ(event.inode, 99U);
    EXPECT_EQ(event.device, "8:1");
}

TEST(EventOf, WhatMakesNoSenseIsNotKnown) {
    const std::vector<std::string> fields{"ENFORCED_LINE=x",
                                          "ENFORCED_COUNT=99999999999999999999999",
                                          "ENFORCED_POLICY",
                                          "=",
                                          "",
                                          "ENFORCED_OBJECT=a=b",
                                          "OTHER=1"};
    const bus::Event event = event_of(fields);
    EXPECT_EQ(event.line, 0U);
    EXPECT_EQ(event.count, 0U);
    EXPECT_EQ(event.policy, "");
    EXPECT_EQ(event.object, "a=b");
    EXPECT_FALSE(event.pid);
}

/// Entries as the daemon writes them, in a journal; and, below, the rules that they are explained by.
class Past : public testing::Test {
  protected:
    void SetUp() override {
        if (!JournalFile::can_be_made())
            GTEST_SKIP() << "there is no " << JournalFile::maker << "; install systemd-journal-remote";
    }

    void add(const Entry& entry, const char* uid = "0", const char* unit = "enforced.service") {
        std::vector<std::string> fields = entry.fields();
        fields.push_back(std::string("_UID=") + uid);
        fields.push_back(std::string("_SYSTEMD_UNIT=") + unit);
        file_.add(fields);
        ids_.emplace_back(entry.field("ENFORCED_EVENT"));
    }

    void write() { ASSERT_TRUE(file_.write(tree_.path("a.journal"))); }

    std::string objects(const bus::EventQuery& query) {
        const auto page = host::read_journal(journal_query(query), tree_.path());
        std::string text;
        if (page)
            for (const auto& event : page_of(*page).events)
                text += event.object;
        return text;
    }

    JournalFile file_;
    std::vector<std::string> ids_;
    test::Tree tree_;
};

TEST_F(Past, OnlyWhatTheDaemonWroteIsBelieved) {
    add(refusal_entry(occurrence("a"), 1, rule(), cgroup));
    add(refusal_entry(occurrence("b"), 1, rule(), cgroup), "1000");
    add(refusal_entry(occurrence("c"), 1, rule(), cgroup), "0", "web.service");
    add(refusal_entry(occurrence("d"), 1, rule(), cgroup), "0", "user@1000.service");
    add(Entry(LOG_NOTICE, message::in_force, "another message").add("ENFORCED_OBJECT", "e"));
    add(refusal_entry(occurrence("f"), 1, rule(), cgroup));
    write();
    EXPECT_EQ(objects({}), "fa");
}

TEST_F(Past, EveryFieldOfTheFilterCounts) {
    plan::Rule other = rule();
    other.policy = "other";
    other.key = "exec.default";
    other.class_ = "exec";
    Occurrence audited = occurrence("c");
    audited.verdict = ENFORCED_WOULD_DENY;
    add(refusal_entry(occurrence("a"), 1, rule(), cgroup));
    add(refusal_entry(occurrence("b"), 1, other, "/system.slice/b.service"));
    file_.set_boot("ffffffffffffffffffffffffffffffff");
    add(refusal_entry(audited, 1, rule(), cgroup));
    write();
    EXPECT_EQ(objects({}), "cba");
    EXPECT_EQ(objects({.newest_first = false}), "abc");
    EXPECT_EQ(objects({.newest_first = false, .limit = 2}), "ab");
    EXPECT_EQ(objects({.filter = {.unit = "b.service"}}), "b");
    EXPECT_EQ(objects({.filter = {.policy = "other"}}), "b");
    EXPECT_EQ(objects({.filter = {.rule = "exec.default"}}), "b");
    EXPECT_EQ(objects({.filter = {.class_ = "exec"}}), "b");
    EXPECT_EQ(objects({.filter = {.verdict = "would-deny"}}), "c");
    EXPECT_EQ(objects({.filter = {.boot = JournalFile::boot}}), "ba");
    EXPECT_EQ(objects({.filter = {.since = JournalFile::start + 1'000'000}}), "cb");
    EXPECT_EQ(objects({.filter = {.until = JournalFile::start + 1'000'000}}), "ba");
    EXPECT_EQ(objects({.filter = {.unit = "web.service", .verdict = "deny"}}), "a");
    EXPECT_EQ(objects({.filter = {.unit = "b.service", .policy = "web"}}), "");
}

class Inquiry : public Past {
  protected:
    Inquiry() {
        set_.policies = {
            test::read_policy("web", "units = [\"web.service\"]\n[file]\ndefault = \"deny\"\n"),
            test::read_policy("left", "units = [\"web.service\"]\n[file]\ndefault = \"deny\"\n")};
        set_.left_out = {"left"};
        // As where it was read.
        set_.policies[0].file->default_.at.file = "/etc/enforced/policy.d/web.toml";
        compile();
    }

    void compile() {
        std::vector<policy::Policy> in_force(set_.policies.begin(), set_.policies.begin() + 1);
        set_.plan = *plan::compile(in_force, facts_);
    }

    Result<bus::Explanation> ask(const std::string& event) {
        return inquire(event, {set_, facts_, units_}, tree_.path());
    }

    plan::Facts facts_ = test::every_hook();
    std::vector<KnownUnit> units_{{1, "/other.slice/known.service"}};
    PolicySet set_;
};

TEST_F(Inquiry, FindsAnEventByItsIdAndByItsCursor) {
    add(refusal_entry(occurrence("/srv/x"), 1, rule(), cgroup));
    add(refusal_entry(occurrence("/srv/y"), 1, rule(), cgroup));
    write();
    const auto by_id = ask(ids_[0]);
    ASSERT_TRUE(by_id) << by_id.error().message;
    EXPECT_EQ(by_id->event.object, "/srv/x");
    const auto by_cursor = ask(by_id->event.cursor);
    ASSERT_TRUE(by_cursor) << by_cursor.error().message;
    EXPECT_EQ(*by_cursor, *by_id);
    EXPECT_EQ(ask("0123456789abcdef0123456789abcdef").error().code, ENOENT);
    EXPECT_EQ(ask("nonsense").error().code, EINVAL);
}

TEST_F(Inquiry, SaysWhatRefusesItNowAndWhatWouldPermitIt) {
    add(refusal_entry(occurrence("/srv/x"), 1, rule(), cgroup));
    write();
    const auto found = ask(ids_[0]);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->event.rule, "file.rule[0]") << "what it was then";
    EXPECT_EQ(found->still, true);
    EXPECT_EQ(found->governed_by, std::vector<std::string>{"web"}) << "one is left out";
    ASSERT_EQ(found->refused_by.size(), 1U);
    EXPECT_EQ(found->refused_by[0], (bus::Remark{"web", "file.default", "file.default = \"deny\"",
                                                 "/etc/enforced/policy.d/web.toml", 3, "deny"}));
    ASSERT_EQ(found->changes.size(), 1U);
    EXPECT_EQ(found->changes[0].kind, "amend");
    EXPECT_TRUE(found->changes[0].file.starts_with("/etc/enforced/policy.d/web.toml.d/50-allow-"));
    EXPECT_EQ(found->changes[0].text,
              "[[file.rule]]\npath = [\"/srv/x\"]\naccess = [\"read\"]\naction = \"allow\"\n");
    EXPECT_EQ(found->obstacle, "");
}

TEST_F(Inquiry, APackagesFileIsCopiedBeforeItIsChanged) {
    auto denying = test::read_policy("web", "units = [\"web.service\"]\n[[file.rule]]\npath = [\"/srv/**\"]\n"
                                            "access = [\"read\"]\naction = \"deny\"\n");
    for (const auto& [file, own, original] :
         {std::tuple("/usr/lib/enforced/policy.d/web.toml", "/etc/enforced/policy.d/web.toml",
                     "/usr/lib/enforced/policy.d/web.toml"),
          {"/usr/lib/enforced/policy.d/web.toml.d/a.toml", "/etc/enforced/policy.d/web.toml.d/a.toml",
           "/usr/lib/enforced/policy.d/web.toml.d/a.toml"},
          {"/run/enforced/policy.d/web.toml", "/run/enforced/policy.d/web.toml", ""},
          {"/etc/enforced/policy.d/web.toml", "/etc/enforced/policy.d/web.toml", ""}}) {
        denying.file->rules[0].at.file = file;
        set_.policies[0] = denying;
        compile();
        file_ = JournalFile();
        ids_.clear();
        add(refusal_entry(occurrence("/srv/x"), 1, rule(), cgroup));
        write();
        const auto found = ask(ids_[0]);
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_EQ(found->changes.size(), 1U) << found->obstacle;
        EXPECT_EQ(found->changes[0].kind, "replace");
        EXPECT_EQ(found->changes[0].file, own);
        EXPECT_EQ(found->changes[0].original, original);
        EXPECT_EQ(found->changes[0].line, 2U);
    }
}

TEST_F(Inquiry, WhatIsNotKnownIsSaidToBe) {
    Occurrence lost;
    lost.rule = 7;
    lost.verdict = ENFORCED_DENY;
    lost.operation = ENFORCED_OP_READ;
    add(refusal_entry(lost, 5, rule(), cgroup));
    add(refusal_entry(occurrence("/x"), 1, rule(), ""));
    add(refusal_entry(occurrence("/x"), 1, rule(), "/other.slice/known.service"));
    write();
    for (const std::size_t i : {0, 1}) {
        const auto found = ask(ids_[i]);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_FALSE(found->still);
        EXPECT_TRUE(found->changes.empty());
        EXPECT_NE(found->obstacle, "");
    }
    const auto free = ask(ids_[2]);
    ASSERT_TRUE(free);
    EXPECT_EQ(free->still, false) << "no policy governs it";
    set_.released = true;
    EXPECT_EQ(ask(ids_[2])->still, false);
    set_.plan.reset();
    EXPECT_FALSE(ask(ids_[2])->still);
    EXPECT_NE(ask(ids_[2])->obstacle, "");
}

TEST_F(Inquiry, WhatIsReleasedIsNotRefused) {
    add(refusal_entry(occurrence("/srv/x"), 1, rule(), cgroup));
    write();
    set_.released = true;
    const auto found = ask(ids_[0]);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->still, false);
}

TEST_F(Inquiry, AnExplanationIsHandedOnWhole) {
    add(refusal_entry(occurrence("/srv/\x01"), 1, rule(), cgroup));
    write();
    const auto found = ask(ids_[0]);
    ASSERT_TRUE(found);
    const std::string text = pack(*found);
    const auto again = unpack_explanation(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *found);
    for (std::size_t size = 0; size < text.size(); size += 7)
        EXPECT_FALSE(unpack_explanation(text.substr(0, size))) << size;
}

} // namespace
} // namespace enforced::daemon
