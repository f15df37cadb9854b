// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/tables.hpp"

#include <algorithm>

#include "base/quote.hpp"
#include "ctl/output/duration.hpp"
#include "ctl/output/print.hpp"

namespace enforced::ctl {
namespace {

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts, const char* name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
}

std::string coverage_of(const UnitState& unit) {
    const auto missing = std::ranges::count(unit.coverage, "not-in-force", &Part::state);
    return missing ? std::to_string(missing) + " of " + std::to_string(unit.coverage.size()) + " not in force"
                   : "complete";
}

std::string mode_of(const PolicyState& policy) {
    return policy.runtime_mode.empty() ? policy.mode : policy.mode + " (runtime)";
}

} // namespace

Tint tint_of(const std::string& word) {
    if (word == "in-force" || word == "enforcing" || word == "enforced" || word == "complete")
        return Tint::good;
    if (word == "partial" || word == "degraded" || word == "audit" || word == "audited" || word == "released")
        return Tint::warning;
    if (word == "refused" || word == "not-in-force" || word == "deny" || word == "kill")
        return Tint::bad;
    if (word == "off" || word == "idle")
        return Tint::faint;
    return word.starts_with("would-") ? Tint::warning : Tint::none;
}

std::uint64_t refusals_of(const UnitState& unit) {
    return count_of(unit.hits, "refused") + count_of(unit.hits, "killed");
}

Table table_of(const std::vector<PolicyState>& policies) {
    Table table({{"POLICY", false, true},
                 {"MODE", false, true},
                 {"STATE", false, true},
                 {"LAYER", false, true},
                 {"GOVERNS"},
                 {"DESCRIPTION"}});
    for (const PolicyState& each : policies) {
        const auto& named = each.units.empty() ? each.user_units : each.units;
        const auto& governed = each.governed_units.empty() ? named : each.governed_units;
        table.row({each.name,
                   {mode_of(each), tint_of(each.mode)},
                   {each.state, tint_of(each.state)},
                   each.layer,
                   {join(governed, ", "), each.governed_units.empty() ? Tint::faint : Tint::none},
                   each.description});
    }
    return table;
}

Table table_of(const std::vector<UnitState>& units) {
    Table table({{"UNIT", false, true},
                 {"MODE", false, true},
                 {"POLICIES"},
                 {"COVERAGE"},
                 {"REFUSED", true},
                 {"WOULD BE", true}});
    for (const UnitState& each : units) {
        const auto coverage = coverage_of(each);
        const auto refusals = refusals_of(each);
        table.row({each.name,
                   {each.mode, tint_of(each.mode)},
                   join(each.policies, ", "),
                   {coverage, coverage == "complete" ? Tint::none : Tint::bad},
                   {std::to_string(refusals), refusals ? Tint::bad : Tint::none},
                   std::to_string(count_of(each.hits, "would-refuse") + count_of(each.hits, "would-kill"))});
    }
    return table;
}

std::string line_of(const Event& event, const Terminal& terminal, bool id) {
    std::string line = tinted(print_time(event.time), Tint::faint, terminal) + " ";
    if (!event.unit.empty())
        line += printable(event.unit) + ": ";
    line += tinted(printable(event.message), tint_of(event.verdict), terminal) + "\n";
    if (id && !event.id.empty())
        line += "    " + tinted(printable(event.id), Tint::faint, terminal) + "\n";
    return line;
}

} // namespace enforced::ctl
