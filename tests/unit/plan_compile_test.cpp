// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/compile.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "plan/evaluate.hpp"
#include "support/naive.hpp"
#include "support/policy.hpp"

namespace enforced::test {
namespace {

/// What is decided in a.service, by several policies or one.
class PlanCompile : public testing::Test {
  protected:
    void compile(std::vector<policy::Policy> policies, const plan::Facts& facts = every_hook()) {
        policies_ = std::move(policies);
        auto plan = plan::compile(policies_, facts);
        ASSERT_TRUE(plan) << plan.error().message;
        plan_ = std::move(*plan);
        evaluator_.emplace(plan_);
        set_ = evaluator_->set_of("/system.slice/a.service");
    }
    void compile(const std::string& text) { compile({read_policy("a", "units = [\"a.service\"]\n" + text)}); }

    [[nodiscard]] std::string by_name(std::string_view name, enforced_access access) const {
        return describe(evaluator_->by_name(set_, name, access));
    }
    [[nodiscard]] std::string by_identity(std::string_view name, enforced_access access) const {
        return describe(evaluator_->by_identity(set_, name, access));
    }
    [[nodiscard]] std::string cell(std::uint64_t cell) const {
        return describe(evaluator_->read(set_, cell));
    }
    [[nodiscard]] std::string describe(const plan::Answer& answer) const {
        static const char* const verdicts[] = {"allow", "log", "would-deny", "would-kill", "deny", "kill"};
        const auto spelled = spell_out(plan_, answer);
        return verdicts[spelled.verdict] + (spelled.rule.empty() ? "" : " " + spelled.rule);
    }
    [[nodiscard]] const enforced_set& value() const { return plan_.sets[set_].value; }

    std::vector<policy::Policy> policies_;
    plan::Plan plan_;
    std::optional<plan::Evaluator> evaluator_;
    std::uint32_t set_ = 0;
};

TEST_F(PlanCompile, DenyAndKillBeatAllowWhateverTheOrder) {
    compile(R"([file]
default = "deny"
[[file.rule]]
path = ["/srv/**"]
access = ["read", "write"]
action = "allow"
[[file.rule]]
path = ["/srv/private/**"]
except = ["/srv/private/public"]
access = "all"
action = "deny"
[[file.rule]]
path = ["/srv/private/key"]
access = ["read"]
action = "kill"
[[file.rule]]
path = ["/srv/log"]
access = ["write"]
action = "audit"
)");
    EXPECT_EQ(by_name("/srv/a", ENFORCED_READ), "allow");
    EXPECT_EQ(by_name("/srv/a", ENFORCED_CREATE), "deny a file.default");
    EXPECT_EQ(by_name("/etc/a", ENFORCED_READ), "deny a file.default");
    EXPECT_EQ(by_name("/srv/private/a", ENFORCED_READ), "deny a file.rule[1]");
    EXPECT_EQ(by_name("/srv/private/public", ENFORCED_READ), "allow");
    EXPECT_EQ(by_name("/srv/private/public", ENFORCED_LINK), "deny a file.default");
    EXPECT_EQ(by_name("/srv/private/key", ENFORCED_READ), "kill a file.rule[2]");
    EXPECT_EQ(by_name("/srv/private/key", ENFORCED_WRITE), "deny a file.rule[1]");
    EXPECT_EQ(by_name("/srv/log", ENFORCED_WRITE), "log a file.rule[3]");
    EXPECT_EQ(by_identity("/srv/private/key", ENFORCED_READ), "kill a file.rule[2]");
    EXPECT_EQ(by_identity("/srv/a", ENFORCED_CREATE), "allow") << "defaults go by the name";
    EXPECT_EQ(evaluator_->permitted(set_, "/srv/a"), policy::access_read | policy::access_write);
    EXPECT_EQ(evaluator_->permitted(set_, "/srv/private/a"), 0U);
}

TEST_F(PlanCompile, AnImageIsRefusedOnlyWhereReadingIs) {
    compile(R"([file]
default = "deny"
[[file.rule]]
path = ["/opt/a", "/opt/c"]
access = ["read"]
action = "deny"
[[file.rule]]
path = ["/opt/b"]
access = ["write"]
action = "deny"
)");
    EXPECT_EQ(by_name("/opt/a", ENFORCED_IMAGE), "deny a file.rule[0]");
    EXPECT_EQ(by_identity("/opt/a", ENFORCED_IMAGE), "deny a file.rule[0]");
    EXPECT_EQ(by_name("/opt/b", ENFORCED_IMAGE), "allow");
    EXPECT_EQ(by_name("/opt/d", ENFORCED_IMAGE), "allow") << "the default is about files, not programs";
}

TEST_F(PlanCompile, WhatMayBeMappedIsWhatMayBeRunAndLibraries) {
    compile(R"([exec]
default = "deny"
allow = ["/usr/bin/**"]
deny = ["/usr/bin/nc", "/usr/lib/evil.so"]
libraries = ["/usr/lib/**"]
)");
    EXPECT_EQ(by_name("/usr/bin/a", ENFORCED_RUN), "allow");
    EXPECT_EQ(by_name("/usr/bin/a", ENFORCED_MAP), "allow");
    EXPECT_EQ(by_name("/usr/lib/a.so", ENFORCED_RUN), "deny a exec.default");
    EXPECT_EQ(by_name("/usr/lib/a.so", ENFORCED_MAP), "allow");
    EXPECT_EQ(by_name("/usr/lib/evil.so", ENFORCED_MAP), "deny a exec.deny[1]");
    EXPECT_EQ(by_name("/usr/bin/nc", ENFORCED_RUN), "deny a exec.deny[0]");
    EXPECT_EQ(by_identity("/usr/bin/nc", ENFORCED_RUN), "deny a exec.deny[0]");
    EXPECT_EQ(by_identity("/tmp/a", ENFORCED_RUN), "allow");
    EXPECT_EQ(by_name("/tmp/a", ENFORCED_READ), "allow") << "no file section";
    EXPECT_EQ(by_name("", ENFORCED_RUN), "deny a exec.default") << "what has no name is on no list";
    EXPECT_EQ(cell(value().anonymous), "deny a exec.default");
    EXPECT_EQ(cell(value().writable_memory), "allow");
    EXPECT_EQ(cell(value().unresolved), "allow");
    EXPECT_EQ(value().flags, ENFORCED_SET_EXEC | ENFORCED_SET_IDENTITY);
}

TEST_F(PlanCompile, SwitchesOfExecStandAlone) {
    compile("[exec]\nanonymous = \"deny\"\nwritable-memory = \"deny\"\n");
    EXPECT_EQ(cell(value().anonymous), "deny a exec.anonymous");
    EXPECT_EQ(cell(value().writable_memory), "deny a exec.writable-memory");
    EXPECT_EQ(by_name("/tmp/a", ENFORCED_RUN), "allow");
    compile("[exec]\ndefault = \"deny\"\nallow = [\"/usr/bin/a\"]\nanonymous = \"allow\"\n");
    EXPECT_EQ(cell(value().anonymous), "allow");
}

TEST_F(PlanCompile, SeveralPoliciesMustAllPermit) {
    auto strict = read_policy("strict", R"(units = ["a.service"]
[file]
default = "deny"
[[file.rule]]
path = ["/srv/**", "/var/**"]
access = "all"
action = "allow"
)");
    auto other = read_policy("other", R"(units = ["*.service"]
[file]
[[file.rule]]
path = ["/var/**", "/etc/**"]
access = ["read"]
action = "kill"
)");
    compile({strict, other});
    EXPECT_EQ(plan_.sets[set_].policies, (std::vector<std::string>{"strict", "other"}));
    EXPECT_EQ(by_name("/srv/a", ENFORCED_READ), "allow");
    EXPECT_EQ(by_name("/var/a", ENFORCED_READ), "kill other file.rule[0]");
    EXPECT_EQ(by_name("/etc/a", ENFORCED_READ), "kill other file.rule[0]") << "the severest";
    EXPECT_EQ(by_name("/etc/a", ENFORCED_WRITE), "deny strict file.default");

    other.mode = policy::Mode::audit;
    compile({strict, other});
    EXPECT_EQ(by_name("/var/a", ENFORCED_READ), "would-kill other file.rule[0]");
    EXPECT_EQ(by_name("/etc/a", ENFORCED_READ), "deny strict file.default");
    EXPECT_EQ(evaluator_->permitted(set_, "/var/a") & policy::access_read, 0U);

    other.mode = policy::Mode::off;
    compile({strict, other});
    EXPECT_EQ(by_name("/var/a", ENFORCED_READ), "allow");
    EXPECT_EQ(evaluator_->set_of("/system.slice/b.service"), 0U);
}

TEST_F(PlanCompile, OfEqualVerdictsTheFirstPolicyAnswers) {
    std::vector<policy::Policy> policies;
    for (const auto* name : {"first", "second"}) {
        policies.push_back(policy_for(name, {"a.service"}));
        policies.back().file.emplace();
        policies.back().file->rules.push_back(
            file_rule(policy::Action::deny, policy::access_all, {"/root/**"}));
    }
    compile(policies);
    EXPECT_EQ(by_name("/root/a", ENFORCED_READ), "deny first file.rule[0]");
    std::swap(policies[0], policies[1]);
    compile(policies);
    EXPECT_EQ(by_name("/root/a", ENFORCED_READ), "deny second file.rule[0]");
}

TEST_F(PlanCompile, FileRulesBringTheirGuard) {
    compile("[file]\n[[file.rule]]\npath = [\"/root/**\"]\naccess = [\"read\"]\naction = \"deny\"\n");
    EXPECT_EQ(cell(value().guard), "deny a file.default");
    EXPECT_EQ(cell(value().unresolved), "deny a file.default");
    EXPECT_EQ(value().flags, ENFORCED_SET_FILE | ENFORCED_SET_IDENTITY);
    compile("[file]\n");
    EXPECT_EQ(value().flags, 0U) << "allowing everything is nothing to enforce";
    EXPECT_EQ(value().paths.start, 0U);
}

TEST_F(PlanCompile, ADirectoryWithoutRestrictionsBelowMayMove) {
    compile("[file]\n[[file.rule]]\npath = [\"/srv/a/**\"]\naccess = [\"read\"]\naction = \"deny\"\n");
    EXPECT_FALSE(evaluator_->free_below(set_, "/srv/a"));
    EXPECT_FALSE(evaluator_->free_below(set_, "/srv"));
    EXPECT_FALSE(evaluator_->free_below(set_, "/srv/a/b"));
    EXPECT_TRUE(evaluator_->free_below(set_, "/srv/b"));
    EXPECT_TRUE(evaluator_->free_below(set_, "/srv/ab"));
    EXPECT_TRUE(evaluator_->free_below(set_, "/srv/")) << "a name that no directory has";
    compile("[file]\n[[file.rule]]\npath = [\"/srv/ab\"]\naccess = [\"read\"]\naction = \"deny\"\n");
    EXPECT_TRUE(evaluator_->free_below(set_, "/srv/a")) << "/srv/ab is beside it, not below";
    EXPECT_FALSE(evaluator_->free_below(set_, "/srv/ab"));
}

TEST_F(PlanCompile, AnchorsKnowTheirStates) {
    compile(R"([file]
[[file.rule]]
path = ["/root/**", "/etc/shadow", "/root/x/**"]
access = "all"
action = "deny"
[[file.rule]]
path = ["/nowhere/**"]
access = "all"
action = "audit"
[exec]
deny = ["/**/nc"]
)");
    std::vector<std::string> paths;
    for (const auto& anchor : plan_.sets[set_].anchors) {
        paths.push_back(anchor.path);
        EXPECT_EQ(anchor.state, evaluator_->state(set_, anchor.path == "/" ? "" : anchor.path));
    }
    EXPECT_EQ(paths, (std::vector<std::string>{"/", "/etc", "/etc/shadow", "/root", "/root/x"}));
    ASSERT_EQ(plan_.sets[set_].scans.size(), 1U);
    EXPECT_EQ(plan_.sets[set_].scans[0].root, "/") << "which the others are in";
    compile("[file]\n[[file.rule]]\npath = [\"/b/**\", \"/b/c/**\", \"/bc/*\"]\naccess = \"all\"\naction = "
            "\"deny\"\n");
    ASSERT_EQ(plan_.sets[set_].scans.size(), 2U);
    EXPECT_EQ(plan_.sets[set_].scans[0].root, "/b");
    EXPECT_EQ(plan_.sets[set_].scans[1].root, "/bc");
}

TEST_F(PlanCompile, FamiliesAreOrdinaryOrRaw) {
    compile("[network]\nfamilies = [\"inet\", \"unix\", \"netlink\"]\n");
    const auto family = [&](unsigned number, bool raw) {
        return describe(evaluator_->family(set_, number, raw));
    };
    EXPECT_EQ(family(AF_INET, false), "allow");
    EXPECT_EQ(family(AF_INET, true), "deny a network.families");
    EXPECT_EQ(family(AF_INET6, false), "deny a network.families");
    EXPECT_EQ(family(AF_NETLINK, true), "allow") << "that family's own type";
    EXPECT_EQ(family(AF_PACKET, true), "deny a network.families");
    EXPECT_EQ(family(AF_UNSPEC, false), "deny a network.families");
    EXPECT_EQ(family(200, false), "deny a network.families");
    EXPECT_EQ(value().flags, ENFORCED_SET_FAMILIES);
    EXPECT_EQ(value().network.start, 0U);
}

TEST_F(PlanCompile, TheNetworkKnowsOperationsAndProtocols) {
    compile(R"([network]
default = "deny"
connect.allow = ["tcp:10.0.0.0/8:5432", "udp:[2001:db8::53]:53"]
connect.deny = ["any:10.1.0.0/16"]
bind.allow = ["tcp:8000-8099"]
)");
    const auto network = [&](enforced_network_op operation, std::uint8_t protocol,
                             std::vector<std::uint8_t> address, std::uint16_t port) {
        return describe(evaluator_->network(set_, {operation, protocol, address, port}));
    };
    EXPECT_EQ(network(ENFORCED_CONNECT, 6, {10, 0, 0, 1}, 5432), "allow");
    EXPECT_EQ(network(ENFORCED_CONNECT, 17, {10, 0, 0, 1}, 5432), "deny a network.default");
    EXPECT_EQ(network(ENFORCED_CONNECT, 6, {10, 0, 0, 1}, 5433), "deny a network.default");
    EXPECT_EQ(network(ENFORCED_CONNECT, 6, {10, 1, 0, 1}, 5432), "deny a network.connect.deny[0]");
    EXPECT_EQ(network(ENFORCED_CONNECT, 136, {10, 1, 0, 1}, 1), "deny a network.connect.deny[0]");
    EXPECT_EQ(
        network(ENFORCED_CONNECT, 17, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53}, 53),
        "allow");
    EXPECT_EQ(network(ENFORCED_BIND, 6, {0, 0, 0, 0}, 8050), "allow");
    EXPECT_EQ(network(ENFORCED_BIND, 6, std::vector<std::uint8_t>(16), 8099), "allow") << "both families";
    EXPECT_EQ(network(ENFORCED_BIND, 6, {0, 0, 0, 0}, 8100), "deny a network.default");
    EXPECT_EQ(network(ENFORCED_BIND, 6, {10, 1, 0, 1}, 8000), "allow") << "connect's rules are connect's";
    EXPECT_EQ(value().flags, ENFORCED_SET_NETWORK | ENFORCED_SET_ACCEPT | ENFORCED_SET_UNIX);
}

TEST_F(PlanCompile, PeersAreAcceptedOrNot) {
    const auto accept = [&](std::vector<std::uint8_t> address) {
        return describe(evaluator_->network(set_, {ENFORCED_ACCEPT, 6, address, 0}));
    };
    compile(R"([network]
default = "deny"
accept.allow = ["tcp:10.0.0.0/8", "any:[::1]"]
accept.deny = ["any:10.1.0.0/16"]
accept.except = ["any:10.1.1.1"]
connect.allow = ["tcp:*"]
bind.allow = ["tcp:*"]
)");
    EXPECT_EQ(accept({10, 0, 0, 1}), "allow");
    EXPECT_EQ(accept({10, 1, 0, 1}), "deny a network.accept.deny[0]");
    EXPECT_EQ(accept({10, 1, 1, 1}), "allow");
    EXPECT_EQ(accept({192, 0, 2, 1}), "deny a network.default");
    EXPECT_EQ(accept({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), "allow");
    compile("[network]\naccept.deny = [\"tcp:10.0.0.0/8\"]\n");
    EXPECT_EQ(accept({10, 0, 0, 1}), "deny a network.accept.deny[0]");
    EXPECT_EQ(accept({192, 0, 2, 1}), "allow");
    EXPECT_EQ(value().flags, ENFORCED_SET_ACCEPT);
}

TEST_F(PlanCompile, LocalSocketsAreKnownByTheirNames) {
    const auto by_name = [&](std::string_view name) {
        return describe(evaluator_->by_name(set_, name, ENFORCED_SOCKET));
    };
    compile(R"([network]
default = "deny"
unix.allow = ["/run/php/*.sock", "@open*"]
unix.deny = ["/run/php/admin.sock", "@open-not", "/run/systemd/journal/stdout"]
)");
    EXPECT_EQ(by_name("/run/php/fpm.sock"), "allow");
    EXPECT_EQ(by_name("/run/php/admin.sock"), "deny a network.unix.deny[0]");
    EXPECT_EQ(by_name("/run/docker.sock"), "deny a network.default");
    EXPECT_EQ(by_name(""), "deny a network.default") << "what has no name";
    EXPECT_EQ(by_name("@open"), "allow");
    EXPECT_EQ(by_name(std::string_view("@open\0x", 7)), "allow") << "any bytes";
    EXPECT_EQ(by_name("@open-not"), "deny a network.unix.deny[1]");
    EXPECT_EQ(by_name("open"), "deny a network.default");
    EXPECT_EQ(by_name("/run/systemd/notify"), "allow") << "no default speaks of the manager's";
    EXPECT_EQ(by_name("/run/systemd/journal/dev-log"), "allow");
    EXPECT_EQ(by_name("/run/systemd/journal/stdout"), "deny a network.unix.deny[2]");
    EXPECT_EQ(by_name("/run/systemd/private"), "deny a network.default");
    EXPECT_EQ(describe(evaluator_->by_identity(set_, "/run/php/admin.sock", ENFORCED_SOCKET)),
              "deny a network.unix.deny[0]");
    EXPECT_EQ(describe(evaluator_->by_identity(set_, "/run/docker.sock", ENFORCED_SOCKET)), "allow");
    EXPECT_EQ(describe(evaluator_->by_name(set_, "/run/docker.sock", ENFORCED_READ)), "allow");
    EXPECT_EQ(value().flags,
              ENFORCED_SET_NETWORK | ENFORCED_SET_ACCEPT | ENFORCED_SET_UNIX | ENFORCED_SET_IDENTITY);

    compile("[network]\nunix.deny = [\"/run/docker.sock\"]\n");
    EXPECT_EQ(by_name("/run/docker.sock"), "deny a network.unix.deny[0]");
    EXPECT_EQ(by_name("/run/x"), "allow");
    EXPECT_EQ(value().flags, ENFORCED_SET_UNIX | ENFORCED_SET_IDENTITY);
    std::vector<std::string> paths;
    for (const auto& anchor : plan_.sets[set_].anchors)
        paths.push_back(anchor.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/run", "/run/docker.sock"}));
}

TEST_F(PlanCompile, CapabilitiesAreAllowedOrNot) {
    const auto capability = [&](unsigned number) { return describe(evaluator_->capability(set_, number)); };
    compile("[capability]\ndefault = \"deny\"\nallow = [\"setuid\", \"net_admin\"]\n");
    EXPECT_EQ(capability(CAP_SETUID), "allow");
    EXPECT_EQ(capability(CAP_NET_ADMIN), "allow");
    EXPECT_EQ(capability(CAP_CHOWN), "deny a capability.default");
    EXPECT_EQ(capability(ENFORCED_CAPABILITIES - 1), "deny a capability.default") << "of a later kernel";
    EXPECT_EQ(value().flags, ENFORCED_SET_CAPABILITY);
    compile("[capability]\ndeny = [\"setuid\", \"net_admin\"]\n");
    EXPECT_EQ(capability(CAP_SETUID), "deny a capability.deny[0]");
    EXPECT_EQ(capability(CAP_NET_ADMIN), "deny a capability.deny[1]");
    EXPECT_EQ(capability(CAP_CHOWN), "allow");
    EXPECT_EQ(capability(ENFORCED_CAPABILITIES - 1), "allow");
    compile("[capability]\ndeny = [\"setuid\", \"chown\"]\nexcept = [\"setuid\"]\n");
    EXPECT_EQ(capability(CAP_SETUID), "allow");
    EXPECT_EQ(capability(CAP_CHOWN), "deny a capability.deny[1]");
    compile("[capability]\n");
    EXPECT_EQ(value().flags, 0U);
}

TEST_F(PlanCompile, EachPolicyMustPermitACapability) {
    auto strict = read_policy(
        "strict", "units = [\"a.service\"]\n[capability]\ndefault = \"deny\"\nallow = [\"setuid\"]\n");
    auto other =
        read_policy("other", "units = [\"*.service\"]\n[capability]\ndeny = [\"setuid\", \"chown\"]\n");
    const auto capability = [&](unsigned number) { return describe(evaluator_->capability(set_, number)); };
    compile({strict, other});
    EXPECT_EQ(capability(CAP_SETUID), "deny other capability.deny[0]");
    EXPECT_EQ(capability(CAP_CHOWN), "deny strict capability.default");
    strict.mode = policy::Mode::audit;
    compile({strict, other});
    EXPECT_EQ(capability(CAP_CHOWN), "deny other capability.deny[1]") << "the severest";
    EXPECT_EQ(capability(CAP_SYS_ADMIN), "would-deny strict capability.default");
    other.mode = policy::Mode::off;
    compile({strict, other});
    EXPECT_EQ(capability(CAP_SETUID), "allow");
}

TEST_F(PlanCompile, KeysOfKernelAreDeniedEachForItself) {
    const auto kernel = [&](enforced_kernel_key key) { return describe(evaluator_->kernel(set_, key)); };
    compile("[kernel]\nmount = \"allow\"\nbpf = \"deny\"\nsystemd = \"deny\"\n");
    EXPECT_EQ(kernel(ENFORCED_KERNEL_MOUNT), "allow");
    EXPECT_EQ(kernel(ENFORCED_KERNEL_PTRACE), "allow");
    EXPECT_EQ(kernel(ENFORCED_KERNEL_BPF), "deny a kernel.bpf");
    EXPECT_EQ(kernel(ENFORCED_KERNEL_SYSTEMD), "deny a kernel.systemd");
    EXPECT_EQ(value().flags,
              ENFORCED_SET_KERNEL(ENFORCED_KERNEL_BPF) | ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SYSTEMD));
    const auto audited = read_policy(
        "audited", "units = [\"a.service\"]\nmode = \"audit\"\n[kernel]\nbpf = \"deny\"\nperf = \"deny\"\n");
    const auto strict = read_policy("strict", "units = [\"*.service\"]\n[kernel]\nbpf = \"deny\"\n");
    compile({audited, strict});
    EXPECT_EQ(kernel(ENFORCED_KERNEL_BPF), "deny strict kernel.bpf") << "the severest";
    EXPECT_EQ(kernel(ENFORCED_KERNEL_PERF), "would-deny audited kernel.perf");
}

TEST_F(PlanCompile, ReleaseNeedsTheLeaveOfAllPolicies) {
    auto ssh =
        read_policy("ssh", "units = [\"a.service\"]\nrelease-to = [\"session-*.scope\", \"user.slice\"]\n");
    auto base = read_policy("base", "units = [\"*.service\"]\nrelease-to = [\"session-*.scope\"]\n");
    compile({ssh, base});
    EXPECT_TRUE(evaluator_->releases(set_, "/user.slice/user-0.slice/session-1.scope"));
    EXPECT_FALSE(evaluator_->releases(set_, "/user.slice/user-0.slice/user@0.service"));
    compile({ssh});
    EXPECT_TRUE(evaluator_->releases(set_, "/user.slice/user-0.slice/user@0.service"));
    EXPECT_FALSE(evaluator_->releases(set_, "/system.slice/b.service"));
    base.release_to.clear();
    compile({ssh, base});
    EXPECT_FALSE(evaluator_->releases(set_, "/user.slice/user-0.slice/session-1.scope"));
    EXPECT_EQ(value().release.start, 0U);
}

TEST_F(PlanCompile, WhatTheKernelCannotHoldIsRefusedOrLeftOut) {
    auto policy = read_policy(
        "a", "units = [\"a.service\"]\n[file]\ndefault = \"deny\"\n[network]\ndefault = \"deny\"\n");
    compile({policy}, no_lsm());
    EXPECT_EQ(set_, 0U);
    ASSERT_EQ(plan_.refused.size(), 1U);
    EXPECT_EQ(plan_.refused[0].policy, "a");
    EXPECT_EQ(plan_.refused[0].key, "file");
    EXPECT_TRUE(plan_.shortfalls.empty());
    EXPECT_TRUE(plan_.rules.empty());
    EXPECT_TRUE(plan_.hooks.none());

    policy.on_unsupported = policy::OnUnsupported::warn;
    compile({policy}, no_lsm());
    EXPECT_TRUE(plan_.refused.empty());
    ASSERT_EQ(plan_.shortfalls.size(), 1U);
    EXPECT_EQ(value().flags, ENFORCED_SET_NETWORK);
    EXPECT_EQ(by_name("/etc/a", ENFORCED_READ), "allow");
    EXPECT_EQ(cell(value().guard), "allow");
    const std::vector<std::uint8_t> address{10, 0, 0, 1};
    EXPECT_EQ(describe(evaluator_->network(set_, {ENFORCED_CONNECT, 6, address, 80})),
              "deny a network.default");
}

TEST_F(PlanCompile, AnAccessThatCannotBeHeldIsNotRuled) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_path_mknod);
    auto policy =
        read_policy("a", "units = [\"a.service\"]\non-unsupported = \"warn\"\n[file]\ndefault = \"deny\"\n");
    compile({policy}, facts);
    EXPECT_EQ(by_name("/etc/a", ENFORCED_CREATE), "allow");
    EXPECT_EQ(by_name("/etc/a", ENFORCED_DELETE), "deny a file.default");
    EXPECT_EQ(evaluator_->permitted(set_, "/etc/a"), std::uint32_t{policy::access_create});
}

TEST_F(PlanCompile, NothingComesToNothing) {
    compile(std::vector<policy::Policy>{});
    EXPECT_EQ(set_, 0U);
    EXPECT_EQ(plan_.sets.size(), 1U);
    EXPECT_TRUE(plan_.hooks.none());
}

TEST_F(PlanCompile, EqualPoliciesGiveEqualBytes) {
    const std::string text = R"([file]
[[file.rule]]
path = ["/**/a*", "/b/[c-f]/**"]
access = "all"
action = "deny"
)";
    compile(text);
    const auto banks = plan_.banks;
    compile(text);
    EXPECT_EQ(plan_.banks, banks);
}

} // namespace
} // namespace enforced::test
