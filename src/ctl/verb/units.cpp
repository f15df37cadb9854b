// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/connection.hpp"
#include "ctl/exit.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/tables.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

Result<int> units(const Options& options) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto units = bus->units();
    if (!units)
        return std::unexpected(units.error());
    const Pager pager(options);
    if (options.json != Json::off)
        print(json_text(documents_of(*units), options.json));
    else
        print(table_of(*units).draw(options.terminal, options.legend, options.full));
    return exit_good;
}

} // namespace

void add_units(CLI::App& app, Invocation& call) {
    auto* verb =
        app.add_subcommand("units", "List the units that are governed: by which policies, how often refused");
    verb->callback([&call] { call.act = [&call] { return units(call.options); }; });
}

} // namespace enforced::ctl
