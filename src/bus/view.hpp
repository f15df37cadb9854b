// SPDX-License-Identifier: GPL-2.0-or-later
/// What the bus shows, as values: the daemon makes them, the objects on the bus answer from them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bus/change.hpp"
#include "policy/diagnostic.hpp"

namespace enforced::bus {

struct Rule {
    std::uint32_t id = 0;
    std::string policy, key, class_, action, text, file;
    std::uint32_t line = 0;

    friend bool operator==(const Rule&, const Rule&) = default;
};

/// A rule, or a part of a policy, that this kernel cannot enforce.
struct Gap {
    std::string policy, key;
    std::string needs;  // the hook
    std::string reason; // why that does not work
    std::string file;
    std::uint32_t line = 0;

    friend bool operator==(const Gap&, const Gap&) = default;
};

struct Feature {
    std::string name, state, reason;

    friend bool operator==(const Feature&, const Feature&) = default;
};

struct Policy {
    std::string name, description, layer, mode, runtime_mode, on_unsupported, state, text;
    std::vector<std::string> files, units, user_units, users, release_to;
    std::vector<Rule> rules;
    std::vector<Gap> gaps;

    friend bool operator==(const Policy&, const Policy&) = default;
};

struct Coverage {
    std::string policy, part, state, needs, reason;

    friend bool operator==(const Coverage&, const Coverage&) = default;
};

struct Unit {
    std::string name, cgroup, invocation, mode;
    std::uint64_t cgroup_id = 0;
    std::vector<std::string> policies;
    std::vector<Coverage> coverage;

    friend bool operator==(const Unit&, const Unit&) = default;
};

struct View {
    std::string version;
    std::string state = "idle";
    std::string status;
    std::uint32_t generation = 0;
    std::vector<Feature> features;
    policy::Diagnostics diagnostics;
    std::vector<Gap> gaps;
    std::map<std::string, std::string> weaknesses; // texts by key
    std::optional<Probation> probation;
    std::map<std::string, Policy> policies; // by name
    std::map<std::string, Unit> units;      // by name
};

/// How often a rule came to a verdict in a unit.
struct Hit {
    std::uint64_t unit = 0; // cgroup id
    std::uint32_t rule = 0; // id
    std::string verdict;    // "refused", "killed", "would-refuse", "would-kill", "audited"
    std::uint64_t count = 0;
};

} // namespace enforced::bus
