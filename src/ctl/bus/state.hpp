// SPDX-License-Identifier: GPL-2.0-or-later
/// What the daemon says of itself, its policies and its units: the properties of org.enforced1(5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sdbus-c++/sdbus-c++.h>

namespace enforced::ctl {

/// By name. What the daemon does not have is missing.
using Properties = std::map<std::string, sdbus::Variant>;

struct Rule {
    std::uint32_t id = 0;
    std::string policy, key, class_, action, text, file;
    std::uint32_t line = 0;
    std::uint64_t hits = 0;
};

struct Shortfall {
    std::string policy, key, hook, reason, file;
    std::uint32_t line = 0;
};

struct Fault {
    std::string severity, file;
    std::uint32_t line = 0, column = 0;
    std::string message;
};

struct Feature {
    std::string hook, state, reason;
};

struct Part {
    std::string policy, part, state, hook, reason;
};

struct Probation {
    std::string id, verb, policy, mode;
    std::uint32_t uid = 0;
    bool keep = false;
    std::uint64_t timeout = 0, remaining = 0; // µs
};

struct ManagerState {
    std::string version, state, status;
    std::uint32_t generation = 0;
    std::vector<Feature> features;
    std::map<std::string, std::uint64_t> counters;
    std::vector<Fault> diagnostics;
    std::vector<Shortfall> not_in_force;
    std::map<std::string, std::string> weaknesses;
    std::optional<Probation> probation;
};

struct PolicyState {
    std::string name, description, layer, mode, runtime_mode, on_unsupported, state, text;
    std::vector<std::string> files, units, user_units, users, release_to, governed_units;
    std::vector<Rule> rules;
    std::vector<Shortfall> not_in_force;
};

struct UnitState {
    std::string name, control_group, invocation_id, mode;
    std::uint64_t control_group_id = 0;
    std::vector<std::string> policies;
    std::vector<Rule> rules;
    std::map<std::string, std::uint64_t> hits;
    std::vector<Part> coverage;
};

// They throw sdbus::Error at what is of another type than it should be.
ManagerState read_manager(const Properties& properties);
PolicyState read_policy(const Properties& properties);
UnitState read_unit(const Properties& properties);

using DiagnosticTuple = sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string>;
using FeatureTuple = sdbus::Struct<std::string, std::string, std::string>;
std::vector<Fault> read_diagnostics(const std::vector<DiagnosticTuple>& tuples);
std::vector<Feature> read_features(const std::vector<FeatureTuple>& tuples);

} // namespace enforced::ctl
