// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/options.hpp"

#include <string>

#include <CLI/CLI.hpp>

namespace enforced::ctl {
namespace {

void set_json(Options& options, const std::string& text) {
    if (text == "pretty")
        options.json = Json::pretty;
    else if (text == "short")
        options.json = Json::on_one_line;
    else if (text == "off")
        options.json = Json::off;
    else
        throw CLI::ValidationError("--json", "takes short, pretty or off");
}

} // namespace

void add_options(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "--json", [&options](const std::string& text) { set_json(options, text); },
           "Answer in JSON: short (on one line), pretty, or off")
        ->type_name("FORMAT");
    app.add_flag_callback(
        "-j", [&options] { options.json = options.terminal.is_one ? Json::pretty : Json::on_one_line; },
        "The same as --json=pretty on a terminal, else as --json=short");
    app.add_flag_callback(
        "--no-pager", [&options] { options.pager = false; }, "Do not send long answers through a pager");
    app.add_flag_callback(
        "--no-legend", [&options] { options.legend = false; }, "Leave out the titles of tables, and hints");
    app.add_flag_callback(
        "-l,--full", [&options] { options.full = true; }, "Do not cut what does not fit the terminal");
    app.add_flag_callback(
        "--no-ask-password", [&options] { options.ask_password = false; },
        "Do not ask for a password where one is needed to be permitted");
}

} // namespace enforced::ctl
