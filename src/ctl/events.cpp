// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/events.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <CLI/CLI.hpp>

#include "ctl/exit.hpp"
#include "ctl/names.hpp"
#include "ctl/output/duration.hpp"

namespace enforced::ctl {
namespace {

constexpr std::size_t largest_page = 1000; // as QueryEvents has it

std::unexpected<Error> usage(const std::string& option, const Error& error) {
    return std::unexpected(Error{option + ": " + error.message, error_usage});
}

/// "b0b1…" also with the dashes that journalctl leaves out and others do not.
std::string boot_id(std::string text) {
    std::erase(text, '-');
    return text;
}

} // namespace

void add_filter_options(CLI::App& verb, Filter& filter) {
    verb.add_option("-u,--unit", filter.unit, "Of this unit")->type_name("UNIT");
    verb.add_option("-p,--policy", filter.policy, "Decided by this policy")->type_name("POLICY");
    verb.add_option("--rule", filter.rule, "Decided by this rule, such as \"file.rule[2]\"")
        ->type_name("KEY");
    verb.add_option("--class", filter.class_, "Of this class: file, exec, network, capability, kernel, self-protection")
        ->type_name("CLASS");
    verb.add_option("--verdict", filter.verdict,
                    "With this verdict: deny, kill, would-deny, would-kill, audit")
        ->type_name("VERDICT");
    verb.add_option("-S,--since", filter.since,
                    "Not before this time: \"2026-01-31 14:05\", 14:05, today, yesterday, -1h, \"1h ago\"")
        ->type_name("TIME");
    verb.add_option("-U,--until", filter.until, "Not after this time")->type_name("TIME");
    verb.add_option("-b,--boot", filter.boot, "Of this boot; without an ID, of the current one")
        ->type_name("ID")
        ->expected(0, 1)
        ->default_str("current");
}

Result<Properties> filter_of(const Filter& filter, bool live) {
    Properties members;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty())
            members.emplace(name, sdbus::Variant(value));
    };
    add("unit", filter.unit.empty() ? "" : full_unit_name(filter.unit));
    add("policy", filter.policy);
    add("rule", filter.rule);
    add("class", filter.class_);
    add("verdict", filter.verdict);
    if (live)
        return members;
    add("boot", filter.boot == "current" ? filter.boot : boot_id(filter.boot));
    for (const auto& [option, text, name] : {std::tuple("--since", &filter.since, "since-usec"),
                                             std::tuple("--until", &filter.until, "until-usec")}) {
        if (text->empty())
            continue;
        const auto time = parse_time(*text, current_time());
        if (!time)
            return usage(option, time.error());
        members.emplace(name, sdbus::Variant(*time));
    }
    return members;
}

Status fetch_events(Bus& bus, const Properties& filter, const std::string& order, std::size_t count,
                    std::string cursor, const std::function<void(std::vector<Event>)>& page) {
    for (bool more = true; more && count;) {
        Properties options;
        const auto limit = static_cast<std::uint32_t>(std::min(count, largest_page));
        options.emplace("order", sdbus::Variant(order));
        options.emplace("limit", sdbus::Variant(limit));
        if (!cursor.empty())
            options.emplace("cursor", sdbus::Variant(cursor));
        auto found = bus.ask([&](Manager& manager) {
            const auto [events, next, goes_on] = manager.QueryEvents(filter, options);
            std::vector<Event> all;
            std::ranges::transform(events, std::back_inserter(all), read_event);
            // Without a cursor to go on from, it would begin anew.
            more = goes_on && !next.empty();
            cursor = next;
            return all;
        });
        if (!found)
            return std::unexpected(found.error());
        count -= std::min(count, found->size());
        page(std::move(*found));
    }
    return {};
}

Result<std::vector<Event>> newest_events(Bus& bus, const Properties& filter, std::size_t count) {
    std::vector<Event> events;
    const auto fetched = fetch_events(bus, filter, "newest", count, {}, [&](std::vector<Event> page) {
        std::ranges::move(page, std::back_inserter(events));
    });
    if (!fetched)
        return std::unexpected(fetched.error());
    std::ranges::reverse(events);
    return events;
}

} // namespace enforced::ctl
