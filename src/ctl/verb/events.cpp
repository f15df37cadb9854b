// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/events.hpp"

#include <algorithm>
#include <charconv>

#include "base/quote.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/tables.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

constexpr std::size_t usual_count = 100, before_following = 10;

struct Request {
    Filter filter;
    std::string lines, after;
    bool follow = false, reverse = false, ids = false;
};

Result<std::size_t> count_of(const Request& request) {
    std::size_t count = 0;
    if (request.lines.empty() && (!request.filter.since.empty() || !request.after.empty()))
        return all_events;
    if (request.lines.empty())
        return request.follow ? before_following : usual_count;
    if (request.lines == "all")
        return all_events;
    const auto* end = request.lines.data() + request.lines.size();
    const auto [rest, error] = std::from_chars(request.lines.data(), end, count);
    if (error != std::errc() || rest != end)
        return std::unexpected(
            Error{"--lines takes a number or all, not " + quote(request.lines), error_usage});
    return count;
}

void show(const std::vector<Event>& events, const Request& request, const Options& options) {
    for (const Event& each : events) {
        if (options.json == Json::off)
            print(line_of(each, options.terminal, request.ids));
        else // one by one, since there is no end
            print(json_text(document_of(each), Json::on_one_line));
    }
}

/// As they happened, or the newest first. Only those that are wanted "all" of are not fetched from their end.
Status list(Bus& bus, const Properties& filter, const Request& request, const Options& options,
            std::size_t count) {
    const bool forward = count == all_events || !request.after.empty();
    const std::string order = request.reverse || !forward ? "newest" : "oldest";
    std::vector<Event> kept;
    const bool whole = options.json != Json::off || (order == "newest" && !request.reverse);
    const auto fetched = fetch_events(bus, filter, order, count, request.after, [&](std::vector<Event> page) {
        if (whole)
            std::ranges::move(page, std::back_inserter(kept));
        else
            show(page, request, options);
    });
    if (!fetched)
        return fetched;
    if (order == "newest" && !request.reverse)
        std::ranges::reverse(kept);
    if (options.json != Json::off && !request.follow)
        print(json_text(documents_of(kept), options.json));
    else
        show(kept, request, options);
    return {};
}

Status follow(Bus& bus, const Properties& filter, const Request& request, const Options& options,
              std::size_t count) {
    const auto live = filter_of(request.filter, true);
    if (!live)
        return std::unexpected(live.error());
    // First, so that none is missed between; what comes meanwhile waits.
    const auto subscribe = [&](Manager& manager) { manager.Subscribe(*live); };
    const auto prepared = bus.ask([&](Manager& manager) {
        manager.heard = [&](const Event& event) {
            show({event}, request, options);
            std::fflush(stdout);
        };
        manager.ended = [&](std::uint64_t unsent) {
            std::fprintf(stderr, "enforcectl: more happened than was read here in time; not shown: %s\n",
                         std::to_string(unsent).c_str());
            subscribe(manager);
        };
    });
    if (!prepared)
        return prepared;
    if (auto subscribed = bus.ask(subscribe); !subscribed)
        return subscribed;
    if (auto listed = list(bus, filter, request, options, count); !listed)
        return listed;
    std::fflush(stdout);
    return bus.listen(subscribe);
}

Result<int> events(const Options& options, const Request& request) {
    const auto filter = filter_of(request.filter);
    const auto count = count_of(request);
    if (!filter || !count)
        return std::unexpected(filter ? count.error() : filter.error());
    if (request.follow && (request.reverse || !request.after.empty() || !request.filter.until.empty()))
        return std::unexpected(
            Error{"--follow goes with neither --reverse nor --until nor --after-cursor", error_usage});
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    if (request.follow) {
        if (auto followed = follow(*bus, *filter, request, options, *count); !followed)
            return std::unexpected(followed.error());
        return exit_good;
    }
    // Asked before the pager has the terminal: somebody may have to type a password.
    const auto allowed = newest_events(*bus, *filter, 1);
    if (!allowed)
        return std::unexpected(allowed.error());
    const Pager pager(options);
    if (auto listed = list(*bus, *filter, request, options, *count); !listed)
        return std::unexpected(listed.error());
    return exit_good;
}

} // namespace

void add_events(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand("events", "Show what was refused or reported");
    verb->add_flag("-f,--follow", request->follow,
                   "Show the newest, and go on with what happens from now on");
    add_filter_options(*verb, request->filter);
    verb->add_option("-n,--lines", request->lines,
                     "How many of the newest, or all; without it 100, with --follow 10, and all with --since "
                     "or --after-cursor")
        ->type_name("NUMBER");
    verb->add_flag("-r,--reverse", request->reverse, "The newest first");
    verb->add_option("--after-cursor", request->after,
                     "Begin behind the event with this cursor, as --json shows it")
        ->type_name("CURSOR");
    verb->add_flag("--ids", request->ids, "Show each event's id, which explain takes");
    verb->callback(
        [request, &call] { call.act = [request, &call] { return events(call.options, *request); }; });
}

} // namespace enforced::ctl
