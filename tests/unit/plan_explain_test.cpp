// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/explain.hpp"

#include <gtest/gtest.h>

#include "plan/compile.hpp"
#include "policy/check.hpp"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

using plan::Attempt;
using plan::Change;

class PlanExplain : public testing::Test {
  protected:
    void policy(const std::string& name, const std::string& text) {
        policies_.push_back(read_policy(name, "units = [\"a.service\"]\n" + text));
    }

    /// The id of the rule that decided on it.
    std::uint32_t compile(const Attempt& attempt) {
        auto plan = plan::compile(policies_, every_hook());
        EXPECT_TRUE(plan) << plan.error().message;
        plan_ = std::move(*plan);
        const plan::Evaluator evaluator(plan_);
        const auto question = plan::question_of(attempt);
        EXPECT_TRUE(question) << question.error().message;
        return ask(plan_, evaluator, evaluator.set_of(cgroup), *question).rule;
    }

    plan::Explanation explain(const Attempt& attempt) {
        const std::uint32_t rule = compile(attempt);
        return plan::explain(policies_, plan_, every_hook(), {cgroup, rule, attempt});
    }

    plan::Explanation explain(enforced_operation operation, const std::string& object,
                              std::uint32_t flags = 0) {
        return explain({operation, object, flags});
    }

    static constexpr const char* cgroup = "/system.slice/a.service";
    std::vector<policy::Policy> policies_;
    plan::Plan plan_;
};

std::string keys(const std::vector<plan::Objection>& objections) {
    std::string text;
    for (const auto& each : objections)
        text += (text.empty() ? "" : ", ") + each.rule.policy + " " + each.rule.key + ":" +
                std::to_string(each.rule.at.line);
    return text;
}

std::string permits(const plan::Explanation& explanation) {
    std::string text;
    for (const auto& each : explanation.permits)
        text += each.rule.policy + " " + each.rule.key + ", but " + each.but + "\n";
    return text;
}

/// The files with their texts, or lines with what stands there instead.
std::string changes(const plan::Explanation& explanation) {
    std::string text;
    for (const Change& change : explanation.changes)
        text +=
            (change.kind == Change::Kind::amend ? change.file.substr(0, change.file.find("50-"))
                                                : change.file + ":" + std::to_string(change.at.line) + " ") +
            "<<\n" + change.text;
    return text;
}

TEST_F(PlanExplain, ADefaultIsAmendedByARuleForThisNameAndAccess) {
    policy("web", "[file]\ndefault = \"deny\"\n[[file.rule]]\npath = [\"/srv/**\"]\naccess = [\"read\"]\n"
                  "action = \"allow\"\n");
    const auto explanation = explain(ENFORCED_OP_WRITE, "/srv/a[1].txt");
    EXPECT_EQ(explanation.now, ENFORCED_DENY);
    EXPECT_TRUE(explanation.certain);
    EXPECT_EQ(keys(explanation.objections), "web file.default:3");
    EXPECT_EQ(permits(explanation), "web file.rule[0], but it speaks of [\"read\"] only\n");
    EXPECT_EQ(changes(explanation), "web.toml.d/<<\n[[file.rule]]\npath = ['/srv/a\\[1\\].txt']\n"
                                    "access = [\"write\"]\naction = \"allow\"\n");
    EXPECT_EQ(explanation.beyond + explanation.unless, "");
    EXPECT_EQ(explanation.governed_by, std::vector<std::string>{"web"});
}

TEST_F(PlanExplain, ADenyRuleIsReplacedByWhatIsLeftOfIt) {
    policy("web", "[[file.rule]]\npath = [\"/srv/**\", \"/srv/a\"]\nexcept = [\"/srv/public\"]\n"
                  "access = [\"read\", \"write\"]\naction = \"kill\"\n");
    const auto explanation = explain(ENFORCED_OP_READ, "/srv/a");
    EXPECT_EQ(explanation.now, ENFORCED_KILL);
    EXPECT_EQ(changes(explanation),
              "web.toml:2 <<\n[[file.rule]]\npath = [\"/srv/**\", \"/srv/a\"]\nexcept = [\"/srv/public\"]\n"
              "access = [\"write\"]\naction = \"kill\"\n\n[[file.rule]]\npath = [\"/srv/**\"]\n"
              "except = [\"/srv/public\", \"/srv/a\"]\naccess = [\"read\"]\naction = \"kill\"\n");
}

TEST_F(PlanExplain, ADenyRuleOfNothingElseGoes) {
    policy("web", "[[file.rule]]\npath = [\"/srv/a\"]\naccess = [\"read\"]\naction = \"deny\"\n");
    const auto explanation = explain(ENFORCED_OP_READ, "/srv/a");
    EXPECT_EQ(changes(explanation), "web.toml:2 <<\n");
    EXPECT_EQ(explanation.unless, "");
}

TEST_F(PlanExplain, ARuleInBracesIsReplacedByOnesInBraces) {
    policy("web", "[file]\nrule = [{path = [\"/srv/a\"], access = [\"read\"], action = \"deny\"},\n"
                  "{path = [\"/srv/*\"], access = [\"read\", \"write\"], action = \"deny\"}]\n");
    const auto explanation = explain(ENFORCED_OP_READ, "/srv/a");
    EXPECT_EQ(changes(explanation),
              "web.toml:4 <<\n{ path = [\"/srv/*\"], access = [\"write\"], action = \"deny\" }, "
              "{ path = [\"/srv/*\"], except = [\"/srv/a\"], access = [\"read\"], action = \"deny\" }"
              "web.toml:3 <<\n");
}

TEST_F(PlanExplain, OfRulesOnOneLineTheLastIsReplacedFirst) {
    policy("web", "file.rule = [{path = [\"/a\"], access = [\"read\"], action = \"deny\"}, "
                  "{path = [\"/*\"], access = [\"read\"], action = \"deny\"}]\n");
    const auto explanation = explain(ENFORCED_OP_READ, "/a");
    ASSERT_EQ(explanation.changes.size(), 2U);
    EXPECT_GT(explanation.changes[0].at.column, explanation.changes[1].at.column);
}

TEST_F(PlanExplain, WhatIsDeniedAndNotAllowedNeedsBoth) {
    policy("web",
           "[file]\ndefault = \"deny\"\n[[file.rule]]\npath = [\"/srv/**\"]\naccess = [\"read\"]\n"
           "action = \"deny\"\n[[file.rule]]\npath = [\"/srv/x\"]\naccess = \"all\"\naction = \"allow\"\n");
    EXPECT_EQ(explain(ENFORCED_OP_READ, "/srv/a").changes.size(), 2U);
    const auto allowed = explain(ENFORCED_OP_READ, "/srv/x");
    EXPECT_EQ(allowed.changes.size(), 1U);
    EXPECT_EQ(permits(allowed),
              "web file.rule[1], but file.rule[0] of the same policy refuses it, and deny beats allow\n");
}

TEST_F(PlanExplain, EachPolicyOfTheUnitHasToPermit) {
    policy("base", "[network]\ndefault = \"deny\"\nconnect.allow = [\"tcp:10.0.0.0/8:443\"]\n");
    policy("site",
           "[network]\ndefault = \"deny\"\nconnect.allow = [\"tcp:10.0.0.1:80\", \"udp:10.0.0.1:443\"]\n");
    policy("more", "[network]\nconnect.deny = [\"any:10.0.0.0/24\"]\n");
    policy("trial", "mode = \"audit\"\n[network]\ndefault = \"deny\"\nbind.allow = [\"tcp:80\"]\n");
    const auto explanation = explain(ENFORCED_OP_CONNECT, "tcp:10.0.0.1:443");
    EXPECT_EQ(keys(explanation.objections),
              "site network.default:3, more network.connect.deny[0]:3, trial network.default:4");
    EXPECT_EQ(permits(explanation),
              "base network.connect.allow[0], but each policy of a unit has to permit it, and site does not\n"
              "site network.connect.allow[0], but it speaks of other ports\n"
              "site network.connect.allow[1], but it speaks of another protocol\n");
    EXPECT_EQ(changes(explanation), "site.toml.d/<<\n[network]\nconnect.allow = [\"tcp:10.0.0.1:443\"]\n"
                                    "more.toml.d/<<\n[network]\nconnect.except = [\"tcp:10.0.0.1:443\"]\n");
}

TEST_F(PlanExplain, InAuditModeWhatWouldBeRefusedIsExplainedAlike) {
    policy("trial", "mode = \"audit\"\n[network]\ndefault = \"deny\"\n");
    const auto explanation = explain(ENFORCED_OP_BIND, "udp:[2001:db8::1]:53");
    EXPECT_EQ(explanation.now, ENFORCED_WOULD_DENY);
    EXPECT_EQ(changes(explanation), "trial.toml.d/<<\n[network]\nbind.allow = [\"udp:[2001:db8::1]:53\"]\n");
}

TEST_F(PlanExplain, ASocketOfBothFamiliesBindsTwoAddresses) {
    policy("web", "[network]\ndefault = \"deny\"\nbind.allow = [\"tcp:0.0.0.0:80\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_BIND, "tcp:[::]:80", ENFORCED_EVENT_DUAL)),
              "web.toml.d/<<\n[network]\nbind.allow = [\"tcp:[::]:80\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_BIND, "tcp:[::]:81", ENFORCED_EVENT_DUAL)),
              "web.toml.d/<<\n[network]\nbind.allow = [\"tcp:[::]:81\", \"tcp:0.0.0.0:81\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_BIND, "tcp:[::]:81")),
              "web.toml.d/<<\n[network]\nbind.allow = [\"tcp:[::]:81\"]\n");
}

TEST_F(PlanExplain, ALocalSocketIsAllowedByItsName) {
    policy("web", "[network]\ndefault = \"deny\"\nunix.allow = [\"/run/php/*.sock\"]\n"
                  "unix.deny = [\"/run/php/a*\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_UNIX, "/run/docker.sock")),
              "web.toml.d/<<\n[network]\nunix.allow = [\"/run/docker.sock\"]\n");
    const auto denied = explain(ENFORCED_OP_UNIX, "/run/php/admin.sock");
    EXPECT_EQ(changes(denied), "web.toml.d/<<\n[network]\nunix.except = [\"/run/php/admin.sock\"]\n");
    EXPECT_EQ(permits(denied),
              "web network.unix.allow[0], but network.unix.deny[0] of the same policy refuses it, "
              "and deny beats allow\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_UNIX, "@a*b")),
              "web.toml.d/<<\n[network]\nunix.allow = ['@a\\*b']\n");
    EXPECT_NE(explain(ENFORCED_OP_UNIX, std::string("@a\0b", 4)).unless, "");
    EXPECT_NE(explain(ENFORCED_OP_UNIX, "/run/x", ENFORCED_EVENT_UNRESOLVED).unless, "");
}

TEST_F(PlanExplain, APeerIsAcceptedByItsAddress) {
    policy("web", "[network]\ndefault = \"deny\"\naccept.allow = [\"tcp:10.0.0.0/8\"]\n"
                  "accept.deny = [\"any:10.1.0.0/16\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_ACCEPT, "tcp:192.0.2.1")),
              "web.toml.d/<<\n[network]\naccept.allow = [\"tcp:192.0.2.1\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_ACCEPT, "tcp:[2001:db8::1]")),
              "web.toml.d/<<\n[network]\naccept.allow = [\"tcp:[2001:db8::1]\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_ACCEPT, "tcp:10.1.0.1")),
              "web.toml.d/<<\n[network]\naccept.except = [\"tcp:10.1.0.1\"]\n");
}

TEST_F(PlanExplain, AProtocolWithoutANameIsAllowedWithAllOthers) {
    policy("web", "[network]\ndefault = \"deny\"\n");
    const auto explanation = explain(ENFORCED_OP_CONNECT, "protocol-132:192.0.2.1:80");
    EXPECT_EQ(changes(explanation), "web.toml.d/<<\n[network]\nconnect.allow = [\"any:192.0.2.1:80\"]\n");
    EXPECT_EQ(explanation.beyond, "every other protocol to the same address and port");
}

TEST_F(PlanExplain, AFamilyIsAddedToTheList) {
    policy("web", "[network]\nfamilies = [\"inet\"]\n");
    const auto explanation = explain(ENFORCED_OP_FAMILY, "netlink raw");
    EXPECT_EQ(changes(explanation), "web.toml.d/<<\n[network]\nfamilies = [\"netlink\"]\n");
    EXPECT_EQ(explanation.beyond, "sockets of this family of every type");
    EXPECT_NE(explain(ENFORCED_OP_FAMILY, "inet raw").unless.find("raw and packet"), std::string::npos);
    EXPECT_NE(explain(ENFORCED_OP_FAMILY, "family-63 dgram").unless.find("no policy can name"),
              std::string::npos);
}

TEST_F(PlanExplain, ProgramsAndLibrariesGoOnTheirLists) {
    policy("web", "[exec]\ndefault = \"deny\"\nallow = [\"/usr/bin/*\"]\nlibraries = [\"/usr/lib/**\"]\n"
                  "deny = [\"/usr/bin/*sh\", \"/usr/lib/bad/**\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_RUN, "/opt/x")), "web.toml.d/<<\n[exec]\nallow = [\"/opt/x\"]\n");
    EXPECT_EQ(changes(explain(ENFORCED_OP_MAP, "/opt/x")),
              "web.toml.d/<<\n[exec]\nlibraries = [\"/opt/x\"]\n");
    const auto denied = explain(ENFORCED_OP_RUN, "/usr/bin/sh");
    EXPECT_EQ(keys(denied.objections), "web exec.deny[0]:6");
    EXPECT_EQ(permits(denied),
              "web exec.allow[0], but exec.deny[0] of the same policy refuses it, and deny beats allow\n");
    EXPECT_EQ(changes(denied), "web.toml.d/<<\n[exec]\nexcept = [\"/usr/bin/sh\"]\n");
    const auto library = explain(ENFORCED_OP_RUN, "/usr/lib/x.so");
    EXPECT_EQ(permits(library),
              "web exec.libraries[0], but it speaks of what is mapped, not of what is run\n");
    EXPECT_EQ(explain(ENFORCED_OP_MAP, "/usr/lib/bad/x.so").beyond, "");
    EXPECT_EQ(explain(ENFORCED_OP_MAP, "/usr/bin/bash").beyond, "running it as a program");
}

TEST_F(PlanExplain, WhatHasNoNameIsAllowedAsAWhole) {
    policy("web", "[exec]\ndefault = \"deny\"\nallow = [\"/usr/bin/*\"]\nlibraries = [\"/usr/lib/**\"]\n"
                  "writable-memory = \"deny\"\n");
    const auto anonymous = explain(ENFORCED_OP_ANONYMOUS, "/memfd:x");
    EXPECT_EQ(keys(anonymous.objections), "web exec.default:3");
    EXPECT_EQ(changes(anonymous), "web.toml.d/<<\n[exec]\nanonymous = \"allow\"\n");
    EXPECT_EQ(anonymous.beyond, "running and mapping whatever has no name");
    EXPECT_EQ(changes(explain(ENFORCED_OP_WRITABLE_MEMORY, "")),
              "web.toml.d/<<\n[exec]\nwritable-memory = \"allow\"\n");
}

TEST_F(PlanExplain, AnAmendmentComesBehindTheOneThatItOverrules) {
    policies_.push_back(read_policy("web", "units = [\"a.service\"]\n"));
    policy::Diagnostics diagnostics;
    policy::parse("[exec]\nanonymous = \"deny\"\n", "/etc/enforced/policy.d/web.toml.d/99-mine.toml",
                  policies_.back(), diagnostics);
    const auto explanation = explain(ENFORCED_OP_ANONYMOUS, "/memfd:x");
    ASSERT_EQ(explanation.changes.size(), 1U);
    EXPECT_GT(explanation.changes[0].file, "web.toml.d/99-mine.toml");
    EXPECT_TRUE(explanation.changes[0].file.ends_with(".toml"));
}

TEST_F(PlanExplain, ARuleOfAnAmendmentIsReplacedThere) {
    policies_.push_back(read_policy("web", "units = [\"a.service\"]\n"));
    policy::Diagnostics diagnostics;
    policy::parse("\n[[file.rule]]\npath = [\"/x*\"]\naccess = [\"read\"]\naction = \"deny\"\n",
                  "/usr/lib/enforced/policy.d/web.toml.d/10-x.toml", policies_.back(), diagnostics);
    const auto explanation = explain(ENFORCED_OP_READ, "/xy");
    ASSERT_EQ(explanation.changes.size(), 1U);
    EXPECT_EQ(explanation.changes[0].file, "web.toml.d/10-x.toml");
    EXPECT_EQ(explanation.changes[0].at.file, "/usr/lib/enforced/policy.d/web.toml.d/10-x.toml");
    EXPECT_EQ(explanation.changes[0].at.line, 2U);
}

TEST_F(PlanExplain, TheGuardCannotBeLiftedByARule) {
    policy("web", "[[file.rule]]\npath = [\"/x\"]\naccess = [\"read\"]\naction = \"deny\"\n");
    EXPECT_EQ(keys(explain(ENFORCED_OP_MOUNT, "/mnt").objections), "web file.default:2");
    EXPECT_NE(explain(ENFORCED_OP_MOUNT, "/mnt").unless, "");
    EXPECT_NE(explain(ENFORCED_OP_CHROOT, "/mnt").unless, "");
}

TEST_F(PlanExplain, ADirectoryThatMayBeReadMayBecomeTheRoot) {
    policy("web", "[file]\ndefault = \"deny\"\n");
    const auto explanation = explain(ENFORCED_OP_CHROOT, "/mnt");
    EXPECT_EQ(changes(explanation), "web.toml.d/<<\n[[file.rule]]\npath = [\"/mnt\"]\naccess = [\"read\"]\n"
                                    "action = \"allow\"\n");
    EXPECT_EQ(explanation.beyond, "reading the directory");
}

TEST_F(PlanExplain, WhatNoPatternStandsForIsNotPermittedByOne) {
    policy("web", "[file]\ndefault = \"deny\"\n");
    for (const auto& [object, flags] : {std::pair("/srv/x", ENFORCED_EVENT_UNRESOLVED),
                                        {"/srv/x", ENFORCED_EVENT_OBJECT_CUT},
                                        {"/srv/\xff", 0U}}) {
        const auto explanation = explain(ENFORCED_OP_READ, object, flags);
        EXPECT_EQ(explanation.now, ENFORCED_DENY) << object;
        EXPECT_EQ(keys(explanation.objections), "web file.default:3") << object;
        EXPECT_TRUE(explanation.changes.empty()) << object;
        EXPECT_NE(explanation.unless, "") << object;
    }
}

TEST_F(PlanExplain, ByIdentityItIsTheRuleThatTells) {
    policy("web", "[[file.rule]]\npath = [\"/etc/shadow\"]\naccess = [\"read\"]\naction = \"kill\"\n");
    const std::uint32_t rule = compile({ENFORCED_OP_READ, "/etc/shadow", 0});
    const Attempt elsewhere{ENFORCED_OP_READ, "/mnt/shadow", ENFORCED_EVENT_BY_IDENTITY};
    auto explanation = plan::explain(policies_, plan_, every_hook(), {cgroup, rule, elsewhere});
    EXPECT_FALSE(explanation.certain);
    EXPECT_EQ(explanation.now, ENFORCED_KILL);
    EXPECT_EQ(keys(explanation.objections), "web file.rule[0]:2");
    EXPECT_TRUE(explanation.changes.empty());
    explanation = plan::explain(policies_, plan_, every_hook(), {cgroup, rule + 1, elsewhere});
    EXPECT_EQ(explanation.now, ENFORCED_ALLOW);
    EXPECT_FALSE(explanation.certain);
}

TEST_F(PlanExplain, ARenameThatGainsAccessIsToldByTheRuleOfWhatItWouldGain) {
    policy("web", "[[file.rule]]\npath = [\"/a/*\"]\naccess = [\"write\"]\naction = \"deny\"\n");
    const std::uint32_t rule = compile({ENFORCED_OP_WRITE, "/a/x", 0});
    const auto explanation =
        plan::explain(policies_, plan_, every_hook(), {cgroup, rule, {ENFORCED_OP_RENAME, "/a/x", 0}});
    EXPECT_EQ(explanation.now, ENFORCED_DENY);
    EXPECT_FALSE(explanation.certain);
    EXPECT_NE(explanation.unless.find("new name"), std::string::npos);
    EXPECT_EQ(keys(explanation.objections), "web file.rule[0]:2");
}

TEST_F(PlanExplain, ARenameThatIsPermittedByItsOldNameIsNotSaidToBeOverruled) {
    policy("web", "[file]\ndefault = \"deny\"\n[[file.rule]]\npath = [\"/a/*\"]\naccess = [\"rename\"]\n"
                  "action = \"allow\"\n");
    const std::uint32_t rule = compile({ENFORCED_OP_WRITE, "/a/x", 0});
    const auto explanation =
        plan::explain(policies_, plan_, every_hook(), {cgroup, rule, {ENFORCED_OP_RENAME, "/a/x", 0}});
    EXPECT_FALSE(explanation.certain);
    EXPECT_EQ(permits(explanation), "web file.rule[0], but \n");
}

TEST_F(PlanExplain, WhatIsPermittedNowNeedsNoChange) {
    policy("web", "[[file.rule]]\npath = [\"/srv/**\"]\naccess = [\"read\"]\naction = \"audit\"\n");
    const auto audited = explain(ENFORCED_OP_READ, "/srv/x");
    EXPECT_EQ(audited.now, ENFORCED_LOG);
    EXPECT_EQ(keys(audited.objections), "web file.rule[0]:2");
    EXPECT_TRUE(audited.changes.empty());
    EXPECT_EQ(explain(ENFORCED_OP_WRITE, "/srv/x").now, ENFORCED_ALLOW);
}

TEST_F(PlanExplain, AUnitThatNoPolicyNamesAnyMoreIsFree) {
    policy("web", "[file]\ndefault = \"deny\"\n");
    compile({ENFORCED_OP_READ, "/x", 0});
    const auto explanation = plan::explain(policies_, plan_, every_hook(),
                                           {"/system.slice/b.service", 1, {ENFORCED_OP_READ, "/x", 0}});
    EXPECT_EQ(explanation.now, ENFORCED_ALLOW);
    EXPECT_TRUE(explanation.certain);
    EXPECT_TRUE(explanation.governed_by.empty());
}

TEST_F(PlanExplain, AnObjectThatTheDaemonDidNotWriteIsNotJudged) {
    policy("web", "[network]\ndefault = \"deny\"\n");
    compile({ENFORCED_OP_READ, "/x", 0});
    for (const char* object :
         {"", "tcp", "tcp:", "tcp:80", "tcp:10.0.0.0/8:80", "tcp:10.0.0.1", "x:10.0.0.1:1",
          "tcp:10.0.0.1:80-81", "protocol-:10.0.0.1:80", "tcp:[::1:80"}) {
        const auto explanation =
            plan::explain(policies_, plan_, every_hook(), {cgroup, 1, {ENFORCED_OP_CONNECT, object, 0}});
        EXPECT_FALSE(explanation.certain) << object;
        EXPECT_NE(explanation.unless, "") << object;
    }
    EXPECT_FALSE(plan::question_of({ENFORCED_OP_FAMILY, "inet", 0}));
    EXPECT_FALSE(plan::question_of({ENFORCED_OP_FAMILY, "nothing raw", 0}));
}

TEST_F(PlanExplain, ACapabilityIsAllowedOrExcepted) {
    policy("strict", "[capability]\ndefault = \"deny\"\nallow = [\"setuid\", \"setgid\"]\n");
    policy("other", "[capability]\ndeny = [\"chown\", \"setuid\"]\n");
    auto explanation = explain(ENFORCED_OP_CAPABILITY, "chown");
    EXPECT_EQ(keys(explanation.objections), "strict capability.default:3, other capability.deny[0]:3");
    EXPECT_EQ(changes(explanation), "strict.toml.d/<<\n[capability]\nallow = [\"chown\"]\n"
                                    "other.toml.d/<<\n[capability]\nexcept = [\"chown\"]\n");
    EXPECT_EQ(explanation.beyond, "all else that this capability is good for");
    explanation = explain(ENFORCED_OP_CAPABILITY, "setuid");
    EXPECT_EQ(changes(explanation), "other.toml.d/<<\n[capability]\nexcept = [\"setuid\"]\n");
    EXPECT_EQ(permits(explanation),
              "strict capability.allow[0], but each policy of a unit has to permit it, and other does not\n");
    EXPECT_EQ(explain(ENFORCED_OP_CAPABILITY, "setgid").now, ENFORCED_ALLOW);
    explanation = explain(ENFORCED_OP_CAPABILITY, "capability-63");
    EXPECT_EQ(explanation.unless, "no policy can name this capability");
    EXPECT_TRUE(explanation.changes.empty());
    EXPECT_FALSE(plan::question_of({ENFORCED_OP_CAPABILITY, "capability-64"}));
}

TEST_F(PlanExplain, AKeyOfKernelIsAllowedByTheLastAmendment) {
    policy("a", "[kernel]\nsignal = \"deny\"\n");
    auto explanation = explain(ENFORCED_OP_KERNEL_SIGNAL, "SIGTERM to sleep");
    EXPECT_EQ(keys(explanation.objections), "a kernel.signal:3");
    EXPECT_EQ(changes(explanation), "a.toml.d/<<\n[kernel]\nsignal = \"allow\"\n");
    EXPECT_EQ(explanation.beyond, "all else that kernel.signal stands for");
    EXPECT_EQ(explain(ENFORCED_OP_KERNEL_BPF, "map-create").now, ENFORCED_ALLOW);
    EXPECT_EQ(plan::operation_named("user-namespace"), ENFORCED_OP_KERNEL_USER_NAMESPACE);
    EXPECT_EQ(plan::operation_named("mount"), ENFORCED_OP_MOUNT);
}

TEST_F(PlanExplain, MountingIsRefusedByTheKeyOrByTheGuard) {
    policy("a", "[kernel]\nmount = \"deny\"\n");
    auto explanation = explain(ENFORCED_OP_MOUNT, "/mnt");
    EXPECT_EQ(keys(explanation.objections), "a kernel.mount:3");
    EXPECT_EQ(changes(explanation), "a.toml.d/<<\n[kernel]\nmount = \"allow\"\n");
    policy("b", "[file]\ndefault = \"deny\"\n");
    explanation = explain(ENFORCED_OP_MOUNT, "/mnt");
    EXPECT_EQ(keys(explanation.objections), "a kernel.mount:3, b file.default:3");
    EXPECT_TRUE(explanation.changes.empty()) << "of the guard nobody is let off";
}

} // namespace
} // namespace enforced::test
