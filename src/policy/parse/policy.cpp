// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cctype>

#include "base/quote.hpp"
#include "policy/parse.hpp"
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::string_view suffix = ".toml";

constexpr std::array<std::string_view, 3> mode_words = {"enforce", "audit", "off"};
constexpr std::array mode_values = {Mode::enforce, Mode::audit, Mode::off};
constexpr std::array<std::string_view, 2> unsupported_words = {"refuse", "warn"};
constexpr std::array unsupported_values = {OnUnsupported::refuse, OnUnsupported::warn};

bool belongs_into_name(unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '@' || c == '-';
}

void read_mode(const toml::node& node, Report& report, Mode& mode) {
    if (node.is_string() && node.as_string()->get() == "learn")
        return report.error(report.at(place_of(node)),
                            "mode \"learn\" is not supported by this version of enforced; expected " +
                                one_of(mode_words));
    read_word(node, "mode", mode_words, mode_values, report, mode);
}

/// The section to read on top of, made when it is first spoken of.
template<class T>
T& begin(std::optional<T>& section, const Location& at) {
    if (!section)
        section.emplace().at = at;
    return *section;
}

void read_policy(const toml::table& table, Report& report, Policy& policy) {
    check_keys(table, policy_keys, report);
    if (const auto* node = table.get("description"))
        policy.description = read_string(*node, "description", report).value_or(policy.description);
    if (const auto* node = table.get("units"))
        read_units(*node, "units", report, policy.units);
    if (const auto* node = table.get("user-units"))
        read_user_units(*node, "user-units", report, policy.user_units);
    if (const auto* node = table.get("users"))
        read_users(*node, "users", report, policy.users);
    if (const auto* node = table.get("mode"))
        read_mode(*node, report, policy.mode);
    if (const auto* node = table.get("on-unsupported"))
        read_word(*node, "on-unsupported", unsupported_words, unsupported_values, report,
                  policy.on_unsupported);
    if (const auto* node = table.get("release-to"))
        read_units(*node, "release-to", report, policy.release_to);
    if (const auto* node = table.get("file"))
        read_file(*node, report, begin(policy.file, report.at(place_of(*node))));
    if (const auto* node = table.get("exec"))
        read_exec(*node, report, begin(policy.exec, report.at(place_of(*node))));
    if (const auto* node = table.get("network"))
        read_network(*node, report, begin(policy.network, report.at(place_of(*node))));
    if (const auto* node = table.get("capability"))
        read_capability(*node, report, begin(policy.capability, report.at(place_of(*node))));
    if (const auto* node = table.get("kernel"))
        read_kernel(*node, report, begin(policy.kernel, report.at(place_of(*node))));
}

} // namespace

Result<std::string> policy_name(std::string_view basename) {
    if (!basename.ends_with(suffix))
        return failure("the name of a policy's file ends in \".toml\"");
    const auto name = basename.substr(0, basename.size() - suffix.size());
    if (name.empty() || name.size() > max_name)
        return failure("a policy's name has 1 to " + std::to_string(max_name) +
                       " characters before \".toml\"");
    if (name.front() == '.' || name.front() == '-')
        return failure("a policy's name does not begin with " + quote(name.substr(0, 1)));
    if (!std::ranges::all_of(name, belongs_into_name))
        return failure("a policy's name has letters, digits and \"._@-\" only");
    return std::string(name);
}

void parse(std::string_view text, const std::string& file, Policy& policy, Diagnostics& diagnostics) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    Report report(text, file, diagnostics);
    if (const auto document = read_document(text, report))
        read_policy(*document, report, policy);
}

} // namespace enforced::policy
