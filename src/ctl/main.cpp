// SPDX-License-Identifier: GPL-2.0-or-later
#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "ctl/check.hpp"

namespace {

constexpr int exit_usage = 2;

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Looks after the policies of enforced.", "enforcectl");
    app.set_version_flag("--version", "enforcectl " ENFORCED_VERSION);
    app.require_subcommand(1);

    std::vector<std::string> paths;
    auto* check = app.add_subcommand("check", "Say what is wrong with policy files, without loading them");
    check->add_option(
        "PATH", paths,
        "Policy files, or directories of them with their amendments; directories given later win "
        "over earlier ones. Without any, what the daemon would read");
    check->footer("Silent if all is well. Exits with 1 if there are errors; warnings alone do not count.");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    return enforced::ctl::check(paths);
}
