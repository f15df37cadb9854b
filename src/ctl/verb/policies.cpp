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

Result<int> policies(const Options& options) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    const auto policies = bus->policies();
    if (!policies)
        return std::unexpected(policies.error());
    const Pager pager(options);
    if (options.json != Json::off)
        print(json_text(documents_of(*policies), options.json));
    else
        print(table_of(*policies).draw(options.terminal, options.legend, options.full));
    return exit_good;
}

} // namespace

void add_policies(CLI::App& app, Invocation& call) {
    auto* verb =
        app.add_subcommand("policies", "List the policies: their mode, where they stand, whom they govern");
    verb->callback([&call] { call.act = [&call] { return policies(call.options); }; });
}

} // namespace enforced::ctl
