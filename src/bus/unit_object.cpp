// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/unit_object.hpp"

#include "bus/names.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {

UnitObject::UnitObject(sdbus::IConnection& connection, Service& service, const View& view,
                       const std::string& name)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(encode_path(unit_prefix, name))), service_(service),
      view_(view), name_(name) {
    registerAdaptor();
}

UnitObject::~UnitObject() {
    unregisterAdaptor();
}

std::string UnitObject::Name() {
    return fit(name_);
}

std::string UnitObject::ControlGroup() {
    return fit(unit().cgroup);
}

std::vector<WireRule> UnitObject::Rules() {
    std::map<std::uint32_t, std::uint64_t> counts;
    std::vector<Rule> rules;

    for (const Hit& hit : service_.hits()) {
        if (hit.unit == unit().cgroup_id)
            counts[hit.rule] += hit.count;
    }
    for (const std::string& name : unit().policies) {
        if (const auto policy = view_.policies.find(name); policy != view_.policies.end())
            rules.insert(rules.end(), policy->second.rules.begin(), policy->second.rules.end());
    }
    return wire(rules, counts);
}

std::map<std::string, std::uint64_t> UnitObject::Hits() {
    std::map<std::string, std::uint64_t> counts;
    for (const Hit& hit : service_.hits()) {
        if (hit.unit == unit().cgroup_id)
            counts[hit.verdict] += hit.count;
    }
    return counts;
}

std::vector<std::string> changes(const Unit& before, const Unit& after) {
    std::vector<std::string> names;
    const auto compare = [&](const char* name, const auto& one, const auto& other) {
        if (one != other)
            names.emplace_back(name);
    };
    compare("ControlGroup", before.cgroup, after.cgroup);
    compare("ControlGroupId", before.cgroup_id, after.cgroup_id);
    compare("InvocationId", before.invocation, after.invocation);
    compare("Policies", before.policies, after.policies);
    compare("Mode", before.mode, after.mode);
    compare("Coverage", before.coverage, after.coverage);
    return names;
}

} // namespace enforced::bus
