// SPDX-License-Identifier: GPL-2.0-or-later
/// The kinds of values that keys have. Each reader takes a value, tells the report what is wrong with it, and
/// leaves what it was to fill as it was.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/parse/document.hpp"
#include "policy/parse/keys.hpp"
#include "policy/parse/report.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// Tells of the keys of `table` that do not belong there.
void check_keys(const toml::table& table, const TableKeys& keys, Report&);

/// `node` as the table that `[name]` begins.
const toml::table* read_table(const toml::node& node, std::string_view name, Report&);

std::optional<std::string> read_string(const toml::node& node, std::string_view key, Report&);

using TakeString = std::function<void(const toml::node&, const std::string&)>;

/// Hands each string of a list to `take`.
void read_list(const toml::node& node, std::string_view key, Report&, const TakeString& take);

/// Which of `words` a string is.
std::optional<std::size_t> read_choice(const toml::node& node, std::string_view key,
                                       std::span<const std::string_view> words, Report&);

/// A string out of one array as the value beside it in the other.
template<class T, std::size_t N>
void read_word(const toml::node& node, std::string_view key, const std::array<std::string_view, N>& words,
               const std::array<T, N>& values, Report& report, T& into) {
    if (const auto index = read_choice(node, key, words, report))
        into = values[*index];
}

std::optional<Switch> read_switch(const toml::node& node, std::string_view key, Report&);
void read_paths(const toml::node& node, std::string_view key, Report&, std::vector<Glob>& into);
void read_units(const toml::node& node, std::string_view key, Report&, std::vector<Glob>& into);
void read_user_units(const toml::node& node, std::string_view key, Report&, std::vector<Glob>& into);
void read_users(const toml::node& node, std::string_view key, Report&, std::vector<User>& into);
void read_endpoints(const toml::node& node, std::string_view key, Report&, std::vector<Endpoint>& into);
/// Globs of paths, and of abstract names.
void read_sockets(const toml::node& node, std::string_view key, Report&, std::vector<Glob>& into);

/// `default`, if the table has it.
void read_default(const toml::table&, Report&, Switch& into);

/// The lists `allow`, `deny` and `except` of a table, as far as it has them, each by the same reader.
/// `prefix` is what comes before their names where faults are told.
template<class Lists, class Read>
void read_lists(const toml::table& table, const std::string& prefix, Report& report, Lists& into, Read read) {
    for (const auto& [key, list] : {std::pair("allow", &into.allow), std::pair("deny", &into.deny),
                                    std::pair("except", &into.except)}) {
        if (const auto* value = table.get(key))
            read(*value, prefix + key, report, *list);
    }
}

} // namespace enforced::policy
