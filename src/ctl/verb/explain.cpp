// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/explanation.hpp"

#include "ctl/events.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::string event; // an id or cursor; empty: the newest that the filter lets through
    Filter filter;
};

Result<std::string> find_event(Bus& bus, const Request& request) {
    if (!request.event.empty())
        return request.event;
    const auto filter = filter_of(request.filter);
    if (!filter)
        return std::unexpected(filter.error());
    const auto events = newest_events(bus, *filter, 1);
    if (!events)
        return std::unexpected(events.error());
    if (events->empty())
        return std::unexpected(Error{filter->empty() ? "nothing was refused or reported"
                                                     : "no such thing was refused or reported",
                                     error_not_found});
    return events->front().id.empty() ? events->front().cursor : events->front().id;
}

Result<int> explain(const Options& options, const Request& request) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto event = find_event(*bus, request);
    if (!event)
        return std::unexpected(event.error());
    const auto explanation =
        bus->ask([&](Manager& manager) { return read_explanation(manager.Explain(*event, Properties())); });
    if (!explanation)
        return std::unexpected(explanation.error());
    const Pager pager(options);
    print(options.json != Json::off ? json_text(document_of(*explanation), options.json)
                                    : draw(*explanation, options));
    return exit_good;
}

} // namespace

void add_explain(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand("explain", "Say why something was refused, and what would allow it");
    auto* event = verb->add_option("EVENT", request->event,
                                   "Its id, see events --ids, or its cursor; without it, the newest event");
    add_filter_options(*verb, request->filter);
    for (auto* option : verb->get_options()) {
        if (option != event && option->get_group() != "" && option->get_name() != "--help")
            event->excludes(option);
    }
    verb->callback(
        [request, &call] { call.act = [request, &call] { return explain(call.options, *request); }; });
}

} // namespace enforced::ctl
