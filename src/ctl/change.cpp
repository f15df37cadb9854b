// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/change.hpp"

#include <cstdio>
#include <ctime>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "ctl/exit.hpp"
#include "ctl/output/duration.hpp"
#include "ctl/output/print.hpp"

namespace enforced::ctl {
namespace {

constexpr std::uint64_t shortest = 1'000'000, longest = 86'400'000'000; // µs, as Reload has it

Result<Properties> options_of(const Trial& trial) {
    Properties options;
    if (trial.timeout.empty())
        return trial.hold ? Result<Properties>(failure("--hold needs --timeout: it says how long at most"))
                          : Result<Properties>(options);
    const auto timeout = parse_duration(trial.timeout);
    if (!timeout)
        return std::unexpected(timeout.error());
    if (*timeout < shortest || *timeout > longest)
        return failure("--timeout takes from 1s to 1d, not " + trial.timeout);
    options.emplace("timeout-usec", sdbus::Variant(*timeout));
    // We are gone from the bus in a moment, and that is no reason to undo it, unless we stay.
    options.emplace("keep", sdbus::Variant(!trial.hold));
    return options;
}

void say(const Options& options, const Done& done, const std::optional<Probation>& probation) {
    if (options.json != Json::off) {
        Document document = done.document;
        document["probation"] = probation ? Document(probation->id) : Document(nullptr);
        if (probation)
            document["timeout_usec"] = probation->timeout;
        print(json_text(document, options.json));
        return;
    }
    print(done.text + "\n");
    if (!options.legend)
        return;
    for (const auto& line : probation ? ways_out(*probation, current_time()) : done.hints)
        print("  " + line + "\n");
}

/// Until it is confirmed or undone by somebody else, or by time. When we are ended, we leave the bus, and it
/// is undone.
Result<int> hold(Bus& bus, const Options& options, const Probation& probation) {
    constexpr std::uint64_t step = 250'000; // µs
    constexpr timespec moment = {0, step * 1000};
    if (options.json == Json::off && options.legend)
        print("  Held: it is undone at once when this command ends (Ctrl-C)\n");
    std::fflush(stdout);
    for (std::uint64_t waited = 0; waited < probation.timeout; waited += step) {
        nanosleep(&moment, nullptr);
        const auto manager = bus.manager();
        if (!manager && manager.error().code != error_forbidden) // who may not look waits for the time
            return std::unexpected(manager.error());
        if (manager && (!manager->probation || manager->probation->id != probation.id))
            break;
    }
    if (options.json == Json::off)
        print("The probation is over; to see whether the change was kept: enforcectl status\n");
    return exit_good;
}

} // namespace

void add_trial_options(CLI::App& verb, Trial& trial) {
    verb.add_option("--timeout", trial.timeout,
                    "Make the change on probation: it is undone after this time, such as 90s or 5min, unless "
                    "\"enforcectl confirm\" keeps it")
        ->type_name("TIME");
    verb.add_flag("--hold", trial.hold,
                  "With --timeout: wait for the end of the probation, and undo the change at once if this "
                  "command is ended, or the connection that it runs on");
}

std::string name_of(const Probation& probation) {
    if (probation.verb == "mode")
        return fmt::format("mode {} of policy {}", probation.mode.empty() ? "default" : probation.mode,
                           probation.policy);
    if (probation.policy.empty())
        return probation.verb;
    return fmt::format("{} of policy {}", probation.verb, probation.policy);
}

std::vector<std::string> ways_out(const Probation& probation, std::uint64_t now) {
    return {fmt::format("On probation: it is undone in {}, {}", print_duration(probation.remaining),
                        print_time(now + probation.remaining)),
            "To keep it: enforcectl confirm", "To undo it now: enforcectl revert"};
}

Result<int> make_change(const Options& options, const Trial& trial, const Change& change,
                        const std::function<Done()>& describe) {
    const auto arguments = options_of(trial);
    if (!arguments)
        return std::unexpected(Error{arguments.error().message, error_usage});
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto id = bus->ask([&](Manager& manager) { return change(manager, *arguments); });
    if (!id)
        return std::unexpected(id.error());
    std::optional<Probation> probation;
    if (!id->empty()) { // not asked for: who may change something may not be allowed to look at it
        const auto timeout = parse_duration(trial.timeout).value_or(0);
        probation.emplace();
        probation->id = *id;
        probation->timeout = probation->remaining = timeout;
    }
    const Done done = describe();
    say(options, done, probation);
    return probation && trial.hold ? hold(*bus, options, *probation) : Result<int>(exit_good);
}

} // namespace enforced::ctl
