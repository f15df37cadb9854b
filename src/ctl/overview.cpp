// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/overview.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "ctl/change.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/print.hpp"
#include "ctl/tables.hpp"

namespace enforced::ctl {
namespace {

std::string dot(Tint tint, const Options& options) {
    return tinted(options.terminal.utf8 ? "\u25cf" : "*", tint, options.terminal);
}

std::string heading(const std::string& title, const Options& options) {
    return "\n" + tinted(title, Tint::strong, options.terminal) + "\n";
}

std::string place(const std::string& file, std::uint32_t line) {
    return line ? fmt::format("{}:{}", printable(file), line) : printable(file);
}

std::string pending(const ManagerState& manager, const Options& options, std::uint64_t now) {
    if (!manager.probation)
        return "";
    const Probation& probation = *manager.probation;
    std::string text = heading("Probation", options);
    text += fmt::format("  {}, made by uid {}{}\n",
                        tinted(printable(name_of(probation)), Tint::warning, options.terminal), probation.uid,
                        probation.keep ? "" : "; undone as well when its maker leaves");
    for (const auto& line : ways_out(probation, now))
        text += "  " + line + "\n";
    return text;
}

std::string missing(const ManagerState& manager, const Options& options) {
    if (manager.not_in_force.empty())
        return "";
    std::string text = heading("Not in force", options);
    for (const Shortfall& each : manager.not_in_force)
        text += fmt::format("  {} of policy {} waits on {}: {} ({})\n", printable(each.key),
                            printable(each.policy), printable(each.hook), printable(each.reason),
                            place(each.file, each.line));
    return text;
}

std::string faults(const ManagerState& manager, const Options& options) {
    if (manager.diagnostics.empty())
        return "";
    std::string text = heading("In the files", options);
    for (const Fault& each : manager.diagnostics) {
        const auto at = each.line ? fmt::format("{}:{}:{}", printable(each.file), each.line, each.column)
                                  : printable(each.file);
        text += fmt::format("  {}: {}: {}\n", at,
                            tinted(printable(each.severity),
                                   each.severity == "error" ? Tint::bad : Tint::warning, options.terminal),
                            printable(each.message));
    }
    return text;
}

std::string refusals(const Lately& lately, const std::string& more, const Options& options) {
    if (!lately.hidden.empty())
        return heading("Refused lately", options) + "  not shown: " + printable(lately.hidden) + "\n";
    if (lately.events.empty())
        return "";
    std::string text = heading("Refused lately", options);
    for (const Event& each : lately.events)
        text += "  " + line_of(each, options.terminal);
    if (options.legend)
        text += "  To see more: enforcectl events" + more +
                "\n  To see why, and what would allow it: enforcectl explain" + more + "\n";
    return text;
}

/// What the daemon could not keep up with, in words.
std::string losses(const ManagerState& manager, const Options& options) {
    static constexpr std::pair<const char*, const char*> kinds[] = {
        {"events-lost", "events were lost; counted they were all the same"},
        {"counters-full", "refusals could not be counted by rule"},
        {"repeats-full", "repeats were announced one by one"},
        {"storage-failed", "tasks were refused work for lack of memory"},
        {"units-full", "units could not be entered and are not governed"},
    };
    std::string text;
    for (const auto& [name, says] : kinds) {
        const auto found = manager.counters.find(name);
        if (found != manager.counters.end() && found->second)
            text += fmt::format("  {} {}\n", found->second, says);
    }
    return text.empty() ? text : heading("Lost", options) + text;
}

/// What makes enforcement weaker than it should be.
std::string weaknesses(const ManagerState& manager, const Options& options) {
    std::string text;
    for (const auto& [key, says] : manager.weaknesses)
        text +=
            fmt::format("  {}: {}\n", tinted(printable(key), Tint::bad, options.terminal), printable(says));
    return text.empty() ? text : heading("Weakened", options) + text;
}

std::string indented(const std::string& lines) {
    std::string text;
    for (std::size_t at = 0; at < lines.size();) {
        const auto end = lines.find('\n', at);
        text += "  " + lines.substr(at, end - at + 1);
        at = end + 1;
    }
    return text;
}

Options narrower(const Options& options) {
    Options inner = options;
    if (inner.terminal.columns > 2)
        inner.terminal.columns -= 2;
    return inner;
}

template<class Table>
std::string section(const char* title, const Table& table, const Options& options) {
    if (!table.rows())
        return "";
    const auto inner = narrower(options);
    return heading(title, options) + indented(table.draw(inner.terminal, options.legend, options.full));
}

Table parts_of(const UnitState& unit) {
    Table table({{"POLICY", false, true}, {"PART", false, true}, {"STATE", false, true}, {"WAITS ON"}});
    for (const Part& each : unit.coverage)
        table.row({each.policy,
                   each.part,
                   {each.state, tint_of(each.state)},
                   each.hook.empty() ? each.reason : each.hook + ": " + each.reason});
    return table;
}

Table deciding_rules(const UnitState& unit) {
    Table table(
        {{"TIMES", true}, {"POLICY", false, true}, {"RULE", false, true}, {"TEXT"}, {"WHERE", false, true}});
    auto rules = unit.rules;
    std::erase_if(rules, [](const Rule& rule) { return !rule.hits; });
    std::ranges::stable_sort(rules, std::greater(), &Rule::hits);
    for (const Rule& each : rules)
        table.row({std::to_string(each.hits), each.policy, each.key, each.text,
                   each.line ? each.file + ":" + std::to_string(each.line) : ""});
    return table;
}

} // namespace

std::string draw(const Overview& overview, const Options& options, std::uint64_t now) {
    const ManagerState& manager = overview.manager;
    std::string text = fmt::format("{} enforced {}: {}\n  {}\n", dot(tint_of(manager.state), options),
                                   printable(manager.version),
                                   tinted(printable(manager.state), tint_of(manager.state), options.terminal),
                                   printable(manager.status));
    text += pending(manager, options, now);
    text += weaknesses(manager, options) + missing(manager, options) + faults(manager, options);
    text += section("Policies", table_of(overview.policies), options);
    text += section("Units", table_of(overview.units), options);
    return text + losses(manager, options) + refusals(overview.lately, "", options);
}

std::string draw(const UnitState& unit, const ManagerState& manager, const Lately& lately,
                 const Options& options, std::uint64_t now) {
    std::string text = fmt::format(
        "{} {}: {} by {}\n", dot(tint_of(unit.mode == "enforce" ? "enforced" : unit.mode), options),
        printable(unit.name), unit.mode == "enforce" ? "enforced" : "not enforced, only reported,",
        printable(join(unit.policies, ", ")));
    text += fmt::format("  Cgroup: {}\n", printable(unit.control_group));
    if (!unit.invocation_id.empty())
        text += fmt::format("  Invocation: {}\n", printable(unit.invocation_id));
    std::vector<std::string> hits;
    for (const auto& [name, count] : unit.hits) {
        if (count)
            hits.push_back(fmt::format("{} {}", count, name));
    }
    text += fmt::format("  Operations: {}\n",
                        hits.empty() ? "none was refused or reported" : printable(join(hits, ", ")));
    text += pending(manager, options, now);
    text += section("Coverage", parts_of(unit), options);
    text += section("Rules that decided", deciding_rules(unit), options);
    return text + refusals(lately, " -u " + unit.name, options);
}

int status_of(const ManagerState& manager) {
    if (manager.state == "enforcing")
        return exit_good;
    return manager.state == "degraded" ? exit_failed : exit_inactive;
}

int status_of(const UnitState& unit) {
    if (unit.mode != "enforce")
        return exit_inactive;
    const bool complete =
        std::ranges::none_of(unit.coverage, [](const Part& part) { return part.state == "not-in-force"; });
    return complete ? exit_good : exit_failed;
}

} // namespace enforced::ctl
