// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/capability.hpp"

#include <algorithm>

namespace enforced::plan {
namespace {

/// The key of the rule by which a policy refuses; empty if it does not.
std::string refusing_rule(const policy::Capability& section, unsigned capability) {
    const auto in = [&](const std::vector<policy::NamedCapability>& list) {
        return std::ranges::find(list, capability, &policy::NamedCapability::number);
    };
    const auto denied = in(section.deny);
    if (denied != section.deny.end() && in(section.except) == section.except.end())
        return element("capability.deny", static_cast<std::size_t>(denied - section.deny.begin()));
    const bool allowed =
        section.default_.value == policy::Permission::allow || in(section.allow) != section.allow.end();
    return allowed ? "" : "capability.default";
}

} // namespace

CapabilityCells capability_cells(std::span<const Member> members, Verdicts& verdicts) {
    CapabilityCells cells{};
    for (const auto& [policy, parts] : members) {
        if (!parts.capability)
            continue;
        for (unsigned i = 0; i < cells.size(); i++) {
            const auto key = refusing_rule(*policy->capability, i);
            if (!key.empty())
                cells[i] =
                    severer(cells[i], verdicts.cell(in_mode(ENFORCED_DENY, policy->mode), policy->name, key));
        }
    }
    return cells;
}

} // namespace enforced::plan
