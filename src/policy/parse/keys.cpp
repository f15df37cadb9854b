// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/keys.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "policy/kernel.hpp"

namespace enforced::policy {
namespace {

using Words = std::string_view[];

constexpr Words policy_known = {"description", "units",          "user-units", "users",
                                "mode",        "on-unsupported", "release-to", "file",
                                "exec",        "network",        "capability", "kernel"};
constexpr Words file_known = {"default", "rule"};
constexpr Words file_rule_known = {"path", "except", "access", "action"};
constexpr Words exec_known = {"default",   "allow",     "deny",           "except",
                              "anonymous", "libraries", "writable-memory"};
constexpr Words network_known = {"default", "families", "bind", "connect", "accept", "unix"};
constexpr Words lists_known = {"allow", "deny", "except"};
constexpr Words capability_known = {"default", "allow", "deny", "except"};

std::string place_of(const TableKeys& table) {
    if (table.name.empty())
        return "at the top of the file";
    return table.name == file_rule_keys.name ? "in [[file.rule]]" : "in [" + std::string(table.name) + "]";
}

std::string path_of(const TableKeys& table, std::string_view key) {
    return table.name.empty() ? std::string(key) : std::string(table.name) + "." + std::string(key);
}

bool knows(const TableKeys& table, std::string_view key) {
    return std::ranges::find(table.known, key) != table.known.end();
}

/// The table to which `key` belongs, if there is only one.
const TableKeys* home_of(std::string_view key) {
    const TableKeys* home = nullptr;
    for (const auto* table :
         {&policy_keys, &file_keys, &file_rule_keys, &exec_keys, &network_keys, &kernel_keys}) {
        if (!knows(*table, key))
            continue;
        if (home != nullptr)
            return nullptr;
        home = table;
    }
    return home;
}

} // namespace

const TableKeys policy_keys = {"", policy_known};
const TableKeys file_keys = {"file", file_known};
const TableKeys file_rule_keys = {"file.rule", file_rule_known};
const TableKeys exec_keys = {"exec", exec_known};
const TableKeys network_keys = {"network", network_known};
const TableKeys connect_keys = {"network.connect", lists_known};
const TableKeys bind_keys = {"network.bind", lists_known};
const TableKeys accept_keys = {"network.accept", lists_known};
const TableKeys unix_keys = {"network.unix", lists_known};
const TableKeys capability_keys = {"capability", capability_known};
const TableKeys kernel_keys = {"kernel", kernel_names};

std::optional<std::string> complaint_about(std::string_view key, const TableKeys& table) {
    if (knows(table, key))
        return std::nullopt;
    if (std::ranges::find(table.not_yet, key) != table.not_yet.end())
        return quote(path_of(table, key)) + " is not supported by this version of enforced";

    const auto complaint = "unknown key " + quote(key) + " " + place_of(table);
    const auto* home = home_of(key);
    if (home == &policy_keys)
        return complaint + "; it belongs at the top of the file, above the first [table]";
    if (home != nullptr)
        return complaint + "; it belongs " + place_of(*home);
    if (const auto close = nearest(key, table.known))
        return complaint + "; did you mean " + quote(*close) + "?";
    return complaint + "; expected " + one_of(table.known);
}

std::string one_of(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? " or " : ", ";
        text += quote(words[i]);
    }
    return text;
}

} // namespace enforced::policy
