// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/change.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

struct Ending {
    const char* verb;
    const char* help;
    void (Manager::*method)(const std::string&, const Properties&);
    const char* done;
};

constexpr Ending endings[] = {
    {"confirm", "Keep the change that is on probation", &Manager::Confirm, "Confirmed: the change stays."},
    {"revert", "Undo the change that is on probation", &Manager::Revert,
     "Reverted: all is as it was before."},
};

Result<int> end(const Options& options, const std::string& id, const Ending& ending) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto ended = bus->ask([&](Manager& manager) { (manager.*ending.method)(id, Properties()); });
    if (!ended)
        return std::unexpected(ended.error());
    if (options.json != Json::off)
        print(json_text({{"verb", ending.verb}}, options.json));
    else
        print(std::string(ending.done) + "\n");
    return exit_good;
}

} // namespace

void add_probation(CLI::App& app, Invocation& call) {
    for (const Ending& ending : endings) {
        auto id = std::make_shared<std::string>();
        auto* verb = app.add_subcommand(ending.verb, ending.help);
        verb->add_option("PROBATION", *id, "Which; without it, the one that is pending");
        verb->callback([id, &ending, &call] {
            call.act = [id, &ending, &call] { return end(call.options, *id, ending); };
        });
    }
}

} // namespace enforced::ctl
