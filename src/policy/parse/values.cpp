// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/values.hpp"

#include <algorithm>
#include <utility>

#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "policy/endpoint.hpp"
#include "policy/parse/disguise.hpp"
#include "policy/path.hpp"
#include "policy/unit.hpp"
#include "policy/user.hpp"

namespace enforced::policy {
namespace {

std::string expected(std::string_view key, std::string_view what, const toml::node& node) {
    return quote(key) + " must be " + std::string(what) + ", not " + std::string(kind_of(node));
}

/// The advice for one value where a list belongs.
std::string as_list(const toml::node& node) {
    const auto* string = node.as_string();
    return string == nullptr ? "" : ": write [" + quote(string->get()) + "]";
}

/// Globs of the kernel's names, in which `check` finds faults.
void read_globs(const toml::node& node, std::string_view key, Report& report,
                std::optional<Fault> (*check)(std::string_view), std::vector<Glob>& into) {
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        if (const auto fault = check(text))
            return report.error_within(place_of(element), text, *fault);
        const auto at = report.at(place_of(element));
        if (const auto other = behind_link(text))
            report.warning(at, quote(text) +
                                   " leads through a symbolic link, and the kernel sees the name behind it: "
                                   "write " +
                                   quote(*other));
        into.push_back({text, at});
    });
}

} // namespace

void check_keys(const toml::table& table, const TableKeys& keys, Report& report) {
    for (const auto& [key, node] : table) {
        if (auto complaint = complaint_about(reveal(key.str()), keys))
            report.error(report.at(place_of(key.source())), std::move(*complaint));
    }
}

const toml::table* read_table(const toml::node& node, std::string_view name, Report& report) {
    const auto* table = node.as_table();
    if (table == nullptr && node.is_array_of_tables())
        report.error(report.at(place_of(node)),
                     "there is one table of this name: write [" + std::string(name) + "]");
    else if (table == nullptr)
        report.error(report.at(place_of(node)), expected(name, "a table", node));
    return table;
}

std::optional<std::string> read_string(const toml::node& node, std::string_view key, Report& report) {
    const auto* string = node.as_string();
    if (string == nullptr) {
        report.error(report.at(place_of(node)), expected(key, "a string", node));
        return std::nullopt;
    }
    return string->get();
}

void read_list(const toml::node& node, std::string_view key, Report& report, const TakeString& take) {
    const auto* list = node.as_array();
    if (list == nullptr)
        return report.error(report.at(place_of(node)),
                            expected(key, "a list of strings", node) + as_list(node));
    for (const auto& element : *list) {
        if (const auto* string = element.as_string())
            take(element, string->get());
        else
            report.error(report.at(place_of(element)), expected(key, "a list of strings", element));
    }
}

std::optional<std::size_t> read_choice(const toml::node& node, std::string_view key,
                                       std::span<const std::string_view> words, Report& report) {
    const auto* string = node.as_string();
    if (string == nullptr) {
        report.error(report.at(place_of(node)),
                     quote(key) + " must be " + one_of(words) + ", not " + std::string(kind_of(node)));
        return std::nullopt;
    }
    const auto found = std::ranges::find(words, std::string_view(string->get()));
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    auto message = quote(key) + " must be " + one_of(words) + ", not " + quote(string->get());
    if (const auto close = nearest(string->get(), words))
        message += "; did you mean " + quote(*close) + "?";
    report.error(report.at(place_of(node)), std::move(message));
    return std::nullopt;
}

std::optional<Switch> read_switch(const toml::node& node, std::string_view key, Report& report) {
    static constexpr std::array<std::string_view, 2> words = {"allow", "deny"};
    const auto index = read_choice(node, key, words, report);
    if (!index)
        return std::nullopt;
    return Switch{*index == 0 ? Permission::allow : Permission::deny, report.at(place_of(node))};
}

void read_paths(const toml::node& node, std::string_view key, Report& report, std::vector<Glob>& into) {
    read_globs(node, key, report, check_path, into);
}

void read_sockets(const toml::node& node, std::string_view key, Report& report, std::vector<Glob>& into) {
    read_globs(node, key, report, check_socket, into);
}

void read_default(const toml::table& table, Report& report, Switch& into) {
    if (const auto* value = table.get("default"))
        into = read_switch(*value, "default", report).value_or(into);
}

void read_units(const toml::node& node, std::string_view key, Report& report, std::vector<Glob>& into) {
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        if (const auto fault = check_unit(text))
            return report.error_within(place_of(element), text, *fault);
        into.push_back({text, report.at(place_of(element))});
    });
}

void read_user_units(const toml::node& node, std::string_view key, Report& report, std::vector<Glob>& into) {
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        if (const auto fault = check_user_unit(text))
            return report.error_within(place_of(element), text, *fault);
        into.push_back({text, report.at(place_of(element))});
    });
}

void read_users(const toml::node& node, std::string_view key, Report& report, std::vector<User>& into) {
    if (node.is_array() && node.as_array()->empty())
        return report.error(report.at(place_of(node)),
                            quote(key) + " names nobody; leave it out for every user");
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        const auto ids = parse_user(text);
        if (!ids)
            return report.error_within(place_of(element), text, ids.error());
        into.push_back({text, *ids, report.at(place_of(element))});
    });
}

void read_endpoints(const toml::node& node, std::string_view key, Report& report,
                    std::vector<Endpoint>& into) {
    read_list(node, key, report, [&](const toml::node& element, const std::string& text) {
        auto endpoint = parse_endpoint(text);
        if (!endpoint)
            return report.error_within(place_of(element), text, endpoint.error());
        endpoint->at = report.at(place_of(element));
        into.push_back(std::move(*endpoint));
    });
}

} // namespace enforced::policy
