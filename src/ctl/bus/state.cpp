// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/state.hpp"

#include <tuple>

namespace enforced::ctl {
namespace {

using RuleTuple = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string,
                                std::string, std::string, std::uint32_t, std::uint64_t>;
using ShortfallTuple =
    sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::uint32_t>;
using PartTuple = sdbus::Struct<std::string, std::string, std::string, std::string, std::string>;

template<class T>
void read(const Properties& properties, const char* name, T& value) {
    const auto found = properties.find(name);
    if (found != properties.end())
        value = found->second.get<T>();
}

/// Makes structures of ours from those of the bus, member by member.
template<class Ours, class... Members>
std::vector<Ours> read_all(const std::vector<sdbus::Struct<Members...>>& tuples) {
    std::vector<Ours> all;
    for (const std::tuple<Members...>& each : tuples)
        all.push_back(std::apply([](const auto&... members) { return Ours{members...}; }, each));
    return all;
}

template<class Tuple, class Ours>
void read(const Properties& properties, const char* name, std::vector<Ours>& values) {
    std::vector<Tuple> tuples;
    read(properties, name, tuples);
    values = read_all<Ours>(tuples);
}

Probation read_probation(const Properties& members) {
    Probation probation;
    read(members, "id", probation.id);
    read(members, "verb", probation.verb);
    read(members, "policy", probation.policy);
    read(members, "mode", probation.mode);
    read(members, "uid", probation.uid);
    read(members, "keep", probation.keep);
    read(members, "timeout-usec", probation.timeout);
    read(members, "remaining-usec", probation.remaining);
    return probation;
}

} // namespace

ManagerState read_manager(const Properties& properties) {
    ManagerState manager;
    Properties probation;
    read(properties, "Version", manager.version);
    read(properties, "State", manager.state);
    read(properties, "Status", manager.status);
    read(properties, "Generation", manager.generation);
    read<FeatureTuple>(properties, "Features", manager.features);
    read(properties, "Counters", manager.counters);
    read<DiagnosticTuple>(properties, "Diagnostics", manager.diagnostics);
    read<ShortfallTuple>(properties, "NotInForce", manager.not_in_force);
    read(properties, "Weaknesses", manager.weaknesses);
    read(properties, "Probation", probation);
    if (!probation.empty())
        manager.probation = read_probation(probation);
    return manager;
}

PolicyState read_policy(const Properties& properties) {
    PolicyState policy;
    read(properties, "Name", policy.name);
    read(properties, "Description", policy.description);
    read(properties, "Files", policy.files);
    read(properties, "Layer", policy.layer);
    read(properties, "Mode", policy.mode);
    read(properties, "RuntimeMode", policy.runtime_mode);
    read(properties, "OnUnsupported", policy.on_unsupported);
    read(properties, "State", policy.state);
    read(properties, "Units", policy.units);
    read(properties, "UserUnits", policy.user_units);
    read(properties, "Users", policy.users);
    read(properties, "ReleaseTo", policy.release_to);
    read(properties, "GovernedUnits", policy.governed_units);
    read<RuleTuple>(properties, "Rules", policy.rules);
    read<ShortfallTuple>(properties, "NotInForce", policy.not_in_force);
    read(properties, "Text", policy.text);
    return policy;
}

UnitState read_unit(const Properties& properties) {
    UnitState unit;
    read(properties, "Name", unit.name);
    read(properties, "ControlGroup", unit.control_group);
    read(properties, "ControlGroupId", unit.control_group_id);
    read(properties, "InvocationId", unit.invocation_id);
    read(properties, "Policies", unit.policies);
    read(properties, "Mode", unit.mode);
    read<RuleTuple>(properties, "Rules", unit.rules);
    read(properties, "Hits", unit.hits);
    read<PartTuple>(properties, "Coverage", unit.coverage);
    return unit;
}

std::vector<Fault> read_diagnostics(const std::vector<DiagnosticTuple>& tuples) {
    return read_all<Fault>(tuples);
}

std::vector<Feature> read_features(const std::vector<FeatureTuple>& tuples) {
    return read_all<Feature>(tuples);
}

} // namespace enforced::ctl
