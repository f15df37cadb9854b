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

template<class Element, class Read>
void read_rules(const toml::table& section, std::string_view key, const TableKeys& keys, Report& report,
                Rules<Element>& rules, Read read) {
    const auto* node = section.get(key);
    const auto* table = node == nullptr ? nullptr : read_table(*node, keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, keys, report);
    read_lists(*table, std::string(keys.name) + ".", report, rules, read);
}

} // namespace

void read_network(const toml::node& node, Report& report, Network& network) {
    const auto* table = read_table(node, network_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, network_keys, report);
    read_default(*table, report, network.default_);
    if (const auto* value = table->get("families"))
        read_families(*value, report, network);
    read_rules(*table, "connect", connect_keys, report, network.connect, read_endpoints);
    read_rules(*table, "bind", bind_keys, report, network.bind, read_endpoints);
    read_rules(*table, "accept", accept_keys, report, network.accept, read_endpoints);
    read_rules(*table, "unix", unix_keys, report, network.unix_, read_sockets);
}

} // namespace enforced::policy
