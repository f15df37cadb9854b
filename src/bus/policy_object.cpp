// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/policy_object.hpp"

#include <algorithm>

#include "bus/names.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {

PolicyObject::PolicyObject(sdbus::IConnection& connection, Service& service, const View& view,
                           const std::string& name)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(encode_path(policy_prefix, name))), service_(service),
      view_(view), name_(name) {
    registerAdaptor();
}

PolicyObject::~PolicyObject() {
    unregisterAdaptor();
}

std::string PolicyObject::Description() {
    return fit(policy().description);
}

std::string PolicyObject::Text() {
    return fit(policy().text);
}

std::vector<std::string> PolicyObject::GovernedUnits() {
    std::vector<std::string> names;
    service_.refresh_units();
    for (const auto& [name, unit] : view_.units) {
        if (std::ranges::find(unit.policies, name_) != unit.policies.end())
            names.push_back(fit(name));
    }
    return names;
}

std::vector<WireRule> PolicyObject::Rules() {
    std::map<std::uint32_t, std::uint64_t> counts;
    for (const Hit& hit : service_.hits())
        counts[hit.rule] += hit.count;
    return wire(policy().rules, counts);
}

std::vector<std::string> changes(const Policy& before, const Policy& after) {
    std::vector<std::string> names;
    const auto compare = [&](const char* name, const auto& one, const auto& other) {
        if (one != other)
            names.emplace_back(name);
    };
    compare("Description", before.description, after.description);
    compare("Files", before.files, after.files);
    compare("Layer", before.layer, after.layer);
    compare("Mode", before.mode, after.mode);
    compare("RuntimeMode", before.runtime_mode, after.runtime_mode);
    compare("OnUnsupported", before.on_unsupported, after.on_unsupported);
    compare("State", before.state, after.state);
    compare("Units", before.units, after.units);
    compare("UserUnits", before.user_units, after.user_units);
    compare("Users", before.users, after.users);
    compare("ReleaseTo", before.release_to, after.release_to);
    compare("NotInForce", before.gaps, after.gaps);
    compare("Text", before.text, after.text);
    return names;
}

} // namespace enforced::bus
