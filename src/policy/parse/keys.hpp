// SPDX-License-Identifier: GPL-2.0-or-later
/// The keys of the language: what each table may hold.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace enforced::policy {

struct TableKeys {
    std::string_view name;                          // "network.connect"; empty: the top of the file
    std::span<const std::string_view> known;        // in the order in which they are printed
    std::span<const std::string_view> not_yet = {}; // of the language, but not of this version
};

extern const TableKeys policy_keys;
extern const TableKeys file_keys;
extern const TableKeys file_rule_keys;
extern const TableKeys exec_keys;
extern const TableKeys network_keys;
extern const TableKeys connect_keys;
extern const TableKeys bind_keys;
extern const TableKeys accept_keys;
extern const TableKeys unix_keys;
extern const TableKeys capability_keys;
extern const TableKeys kernel_keys;

/// What to say of a key that stands in a table; none if it belongs there.
std::optional<std::string> complaint_about(std::string_view key, const TableKeys& table);

/// `"deny"`, `"a" or "b"`, `"a", "b" or "c"`
std::string one_of(std::span<const std::string_view> words);

} // namespace enforced::policy
