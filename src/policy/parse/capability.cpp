// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "base/quote.hpp"
#include "policy/capability.hpp"
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {
namespace {

std::string unknown_capability(std::string_view name) {
    auto message = "unknown capability " + quote(name);
    if (const auto like = capability_like(name))
        return message + "; did you mean " + quote(*like) + "?";
    return message + "; capabilities(7) lists them, such as \"net_admin\" and \"setuid\"";
}

void read_list_of(const toml::node& node, std::string_view key, Report& report,
                  std::vector<NamedCapability>& into) {
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        const auto at = report.at(place_of(element));
        if (const auto number = capability_number(text))
            into.push_back({*number, std::string(*capability_name(*number)), at});
        else
            report.error(at, unknown_capability(text));
    });
}

} // namespace

void read_capability(const toml::node& node, Report& report, Capability& capability) {
    const auto* table = read_table(node, capability_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, capability_keys, report);
    read_default(*table, report, capability.default_);
    read_lists(*table, "", report, capability, read_list_of);
}

} // namespace enforced::policy
