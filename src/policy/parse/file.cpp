// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <utility>

#include "base/quote.hpp"
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {
namespace {

constexpr std::array<std::string_view, 7> access_words = {"read",   "write", "create", "delete",
                                                          "rename", "link",  "attr"};
constexpr std::array access_values = {access_read,   access_write, access_create, access_delete,
                                      access_rename, access_link,  access_attr};
constexpr std::array<std::string_view, 4> action_words = {"allow", "deny", "kill", "audit"};
constexpr std::array action_values = {Action::allow, Action::deny, Action::kill, Action::audit};

void read_access_list(const toml::array& list, Report& report, std::uint32_t& access) {
    for (const auto& element : list) {
        if (element.is_string() && element.as_string()->get() == "all") {
            report.error(report.at(place_of(element)), "\"all\" stands alone: write access = \"all\"");
            continue;
        }
        const auto before = access;
        const auto index = read_choice(element, "access", access_words, report);
        if (!index)
            continue;
        access |= access_values[*index];
        if (access == before)
            report.error(report.at(place_of(element)), quote(access_words[*index]) + " is given twice");
    }
    if (list.empty())
        report.error(report.at(place_of(list)), "\"access\" is empty, so the rule can have no effect");
}

void read_access(const toml::node& node, Report& report, std::uint32_t& access) {
    const auto* word = node.as_string();
    if (const auto* list = node.as_array())
        read_access_list(*list, report, access);
    else if (word != nullptr && word->get() == "all")
        access = access_all;
    else
        report.error(report.at(place_of(node)),
                     "\"access\" must be \"all\" or a list of " + one_of(access_words) +
                         (word != nullptr ? ": write [" + quote(word->get()) + "]" : std::string{}));
}

void require(const toml::table& table, std::string_view key, Report& report) {
    if (!table.contains(key))
        report.error(report.at(place_of(table)), "the rule has no " + quote(key));
}

void read_rule(const toml::table& table, Report& report, FileRule& rule) {
    check_keys(table, file_rule_keys, report);
    for (const auto* key : {"path", "access", "action"})
        require(table, key, report);
    if (const auto* node = table.get("path")) {
        read_paths(*node, "path", report, rule.path);
        if (node->is_array() && node->as_array()->empty())
            report.error(report.at(place_of(*node)), "\"path\" is empty, so the rule can have no effect");
    }
    if (const auto* node = table.get("except"))
        read_paths(*node, "except", report, rule.except);
    if (const auto* node = table.get("access"))
        read_access(*node, report, rule.access);
    if (const auto* node = table.get("action"))
        read_word(*node, "action", action_words, action_values, report, rule.action);
}

void read_rules(const toml::node& node, Report& report, std::vector<FileRule>& rules) {
    const auto* list = node.as_array();
    const bool tables = list != nullptr && std::ranges::all_of(*list, &toml::node::is_table);
    if (!tables)
        return report.error(report.at(place_of(node)),
                            "rules are a list of tables: begin each with [[file.rule]]");
    for (const auto& element : *list) {
        auto& rule = rules.emplace_back();
        rule.at = report.at(place_of(element));
        rule.in_braces = element.as_table()->is_inline();
        read_rule(*element.as_table(), report, rule);
    }
}

} // namespace

void read_file(const toml::node& node, Report& report, File& file) {
    const auto* table = read_table(node, file_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, file_keys, report);
    if (const auto* value = table->get("default"))
        file.default_ = read_switch(*value, "default", report).value_or(file.default_);
    if (const auto* value = table->get("rule"))
        read_rules(*value, report, file.rules);
}

} // namespace enforced::policy
