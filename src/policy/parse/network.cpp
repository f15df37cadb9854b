// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "base/quote.hpp"
#include "policy/family.hpp"
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {
namespace {

std::string unknown_family(std::string_view name) {
    auto message = "unknown socket family " + quote(name);
    if (const auto like = family_like(name))
        return message + "; did you mean " + quote(*like) + "?";
    return message +
           "; families are named as the AF_ constants are, such as \"inet\", \"inet6\" and \"unix\"";
}

void read_families(const toml::node& node, Report& report, Network& network) {
    auto& families = network.families ? *network.families : network.families.emplace();
    network.families_at = report.at(place_of(node));
    read_list(node, "families", report, [&](const toml::node& element, const std::string& name) {
        const auto at = report.at(place_of(element));
        if (const auto number = family_number(name))
            families.push_back({*number, name, at});
        else
            report.error(at, unknown_family(name));
    });
}

void read_rules(const toml::node& node, const TableKeys& keys, Report& report, EndpointRules& rules) {
    const auto* table = read_table(node, keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, keys, report);
    const std::string name(keys.name);
    if (const auto* value = table->get("allow"))
        read_endpoints(*value, name + ".allow", report, rules.allow);
    if (const auto* value = table->get("deny"))
        read_endpoints(*value, name + ".deny", report, rules.deny);
    if (const auto* value = table->get("except"))
        read_endpoints(*value, name + ".except", report, rules.except);
}

} // namespace

void read_network(const toml::node& node, Report& report, Network& network) {
    const auto* table = read_table(node, network_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, network_keys, report);
    if (const auto* value = table->get("default"))
        network.default_ = read_switch(*value, "default", report).value_or(network.default_);
    if (const auto* value = table->get("families"))
        read_families(*value, report, network);
    if (const auto* value = table->get("connect"))
        read_rules(*value, connect_keys, report, network.connect);
    if (const auto* value = table->get("bind"))
        read_rules(*value, bind_keys, report, network.bind);
}

} // namespace enforced::policy
