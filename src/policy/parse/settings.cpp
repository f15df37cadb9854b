// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/settings.hpp"

#include "base/quote.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {
namespace {

using Words = std::string_view[];

constexpr Words top_known = {"log", "limits"};
constexpr Words log_known = {"level"};
constexpr Words limits_known = {"runtime-policies"};

void read_number(const toml::node& node, std::string_view key, std::uint32_t most, Report& report,
                 std::uint32_t& into) {
    const auto* number = node.as_integer();
    if (number && number->get() >= 0 && number->get() <= most) {
        into = static_cast<std::uint32_t>(number->get());
        return;
    }
    const std::string given = number ? std::to_string(number->get()) : std::string(kind_of(node));
    report.error(report.at(place_of(node)),
                 quote(key) + " must be a number from 0 to " + std::to_string(most) + ", not " + given);
}

void read_log(const toml::node& node, Report& report, Settings& settings) {
    const auto* table = read_table(node, "log", report);
    if (table == nullptr)
        return;
    check_keys(*table, {"log", log_known}, report);
    if (const auto* value = table->get("level")) {
        if (const auto level = read_choice(*value, "level", log_levels, report))
            settings.log_level = log_levels[*level];
    }
}

void read_limits(const toml::node& node, Report& report, Settings& settings) {
    const auto* table = read_table(node, "limits", report);
    if (table == nullptr)
        return;
    check_keys(*table, {"limits", limits_known}, report);
    if (const auto* value = table->get("runtime-policies"))
        read_number(*value, "runtime-policies", max_runtime_policies, report, settings.runtime_policies);
}

} // namespace

void parse_settings(std::string_view text, const std::string& file, Settings& settings,
                    Diagnostics& diagnostics) {
    Report report(text, file, diagnostics);
    const auto document = read_document(text, report);
    if (!document)
        return;
    check_keys(*document, {"", top_known}, report);
    if (const auto* node = document->get("log"))
        read_log(*node, report, settings);
    if (const auto* node = document->get("limits"))
        read_limits(*node, report, settings);
}

} // namespace enforced::policy
