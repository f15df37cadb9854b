// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/connection.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/output/table.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

Result<int> features(const Options& options) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto features =
        bus->ask([](Manager& manager) { return read_features(manager.TryFeatures(Properties())); });
    if (!features)
        return std::unexpected(features.error());
    const Pager pager(options);
    if (options.json != Json::off) {
        print(json_text(documents_of(*features), options.json));
        return exit_good;
    }
    Table table({{"HOOK", false, true}, {"STATE", false, true}, {"REASON"}});
    for (const Feature& each : *features)
        table.row({each.hook, {each.state, each.state == "works" ? Tint::good : Tint::bad}, each.reason});
    print(table.draw(options.terminal, options.legend, options.full));
    return exit_good;
}

} // namespace

void add_features(CLI::App& app, Invocation& call) {
    auto* verb = app.add_subcommand("features", "Show which hooks of this kernel work, by trying them");
    verb->callback([&call] { call.act = [&call] { return features(call.options); }; });
}

} // namespace enforced::ctl
