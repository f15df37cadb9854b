// SPDX-License-Identifier: GPL-2.0-or-later
/// What a set of policies comes to on a kernel with known features: everything that will be in the maps, and
/// everything that will not be in force.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "abi/hook.h"
#include "abi/policy.h"
#include "policy/types.hpp"

namespace enforced::plan {

/// What is known of the kernel: the hooks at which a canary fired.
struct Facts {
    std::bitset<ENFORCED_HOOK_COUNT> hooks;
};

/// A rule as events and counters name it. `id` is the same for the same rule of the same policy from one plan
/// to the next, so that counters go on through a reload.
struct Rule {
    std::uint32_t id = 0;
    std::string policy;
    std::string key;    // "file.rule[2]", "exec.default", "network.connect.deny"
    std::string class_; // "file", "exec", "network", "capability", "kernel"
    std::string action; // "deny", "kill", "audit", "default", ...
    std::string text;   // the rule, or the part of it that decides, as canonical TOML
    policy::Location at;

    friend bool operator==(const Rule&, const Rule&) = default;
};

/// A directory or file which deny and kill rules name: once found in the file system it keeps its state under
/// whatever name it is reached.
struct Anchor {
    std::string path;        // absolute, literal
    std::uint32_t state = 0; // bank-wide number
};

/// A tree in which files with more than one link must be found, since a deny or kill rule speaks of their
/// names.
struct LinkScan {
    std::string root; // absolute, literal; the walk begins here
};

/// The policies that together govern a unit, compiled into one. Policies are named in order.
struct Set {
    std::vector<std::string> policies;
    enforced_set value{}; // `bank` and cell indices relative to parity 0
    std::vector<Anchor> anchors;
    std::vector<LinkScan> scans;
};

/// A rule, or a part of a policy, that this kernel cannot enforce.
struct Shortfall {
    std::string policy;
    std::string key;   // "file", "exec.writable-memory", "network.families"
    std::string needs; // the hook it waits on
    policy::Location at;

    friend bool operator==(const Shortfall&, const Shortfall&) = default;
};

/// What rules that are in force do not hold on this kernel.
struct Gap {
    std::string policy;
    std::string key;   // "network.connect"
    std::string what;  // "protocols other than TCP and UDP"
    std::string needs; // the hook it waits on
    policy::Location at;

    friend bool operator==(const Gap&, const Gap&) = default;
};

using Bank = std::vector<std::uint64_t>; // ENFORCED_BANK_CELLS at most

struct Plan {
    std::vector<Bank> banks;
    std::vector<Set> sets;   // index 0 is the empty set
    enforced_names names{};  // `bank` relative to parity 0; its accept cells are indices into `sets`
    std::vector<Rule> rules; // that can refuse or report something
    std::vector<Shortfall> shortfalls; // of policies with on-unsupported = "warn"
    std::vector<Shortfall> refused;    // of policies with "refuse", which are left out for them
    std::vector<Gap> gaps;
    std::bitset<ENFORCED_HOOK_COUNT> hooks; // that some rule uses, and so have to be attached
};

} // namespace enforced::plan
