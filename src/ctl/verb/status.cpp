// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "base/quote.hpp"
#include "ctl/events.hpp"
#include "ctl/exit.hpp"
#include "ctl/names.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/duration.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/overview.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

constexpr std::size_t few = 5; // refusals

/// Of this boot. Who may look at the state may not be allowed to look at events.
Lately look_lately(Bus& bus, const std::string& unit) {
    Filter filter;
    filter.unit = unit;
    filter.boot = "current";
    auto events = newest_events(bus, filter_of(filter).value(), few);
    if (events)
        return {std::move(*events), {}};
    return {{}, events.error().message.substr(0, events.error().message.find('\n'))};
}

Result<int> say(const Options& options, const Document& document, const std::string& text, int status) {
    const Pager pager(options);
    print(options.json != Json::off ? json_text(document, options.json) : text);
    return status;
}

Result<int> of_all(Bus& bus, const Options& options) {
    Overview overview;
    auto policies = bus.policies();
    auto units = policies ? bus.units() : std::unexpected(policies.error());
    auto manager = units ? bus.manager() : std::unexpected(units.error());
    if (!manager)
        return std::unexpected(manager.error());
    overview = {std::move(*manager), std::move(*policies), std::move(*units), look_lately(bus, "")};
    Document document = document_of(overview.manager);
    document["policies"] = documents_of(overview.policies);
    document["units"] = documents_of(overview.units);
    document["lately"] = documents_of(overview.lately.events);
    return say(options, document, draw(overview, options, current_time()), status_of(overview.manager));
}

Result<int> of_unit(Bus& bus, const Options& options, const std::string& name) {
    auto unit = bus.unit(name);
    if (!unit && unit.error().code == error_not_found) {
        if (options.json != Json::off)
            return say(options, nullptr, "", exit_inactive);
        return say(options, nullptr, printable(name) + " is governed by no policy, or is not running.\n",
                   exit_inactive);
    }
    auto manager = unit ? bus.manager() : std::unexpected(unit.error());
    if (!manager)
        return std::unexpected(manager.error());
    const auto lately = look_lately(bus, name);
    Document document = document_of(*unit);
    document["lately"] = documents_of(lately.events);
    return say(options, document, draw(*unit, *manager, lately, options, current_time()), status_of(*unit));
}

/// What everyone may know.
void say_little(Bus& bus, const Options& options) {
    const auto state = bus.ask([](Manager& manager) {
        return fmt::format("enforced {}: {}\n", manager.Version(), manager.State());
    });
    if (state && options.json == Json::off)
        print(*state);
}

Result<int> status(const Options& options, const std::string& unit) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    auto done = unit.empty() ? of_all(*bus, options) : of_unit(*bus, options, full_unit_name(unit));
    if (done)
        return done;
    if (done.error().code == error_forbidden)
        say_little(*bus, options);
    if (done.error().code != error_not_running)
        return done;
    // As LSB has it for this verb.
    std::fprintf(stderr, "enforcectl: %s\n", done.error().message.c_str());
    return exit_inactive;
}

} // namespace

void add_status(CLI::App& app, Invocation& call) {
    auto unit = std::make_shared<std::string>();
    auto* verb = app.add_subcommand(
        "status", "Show what is enforced, what is not and why, what was refused lately, and what is pending");
    verb->add_option("UNIT", *unit, "Of this unit alone; \"nginx\" is nginx.service");
    verb->callback([unit, &call] { call.act = [unit, &call] { return status(call.options, *unit); }; });
}

} // namespace enforced::ctl
