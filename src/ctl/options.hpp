// SPDX-License-Identifier: GPL-2.0-or-later
/// What every verb understands.
#pragma once

#include "ctl/output/terminal.hpp"

namespace CLI {
class App;
}

namespace enforced::ctl {

enum class Json { off, on_one_line, pretty };

struct Options {
    Json json = Json::off;
    bool legend = true;       // titles of tables, and hints below answers
    bool pager = true;        // if there is a terminal
    bool full = false;        // nothing in tables is cut
    bool ask_password = true; // polkit may ask
    Terminal terminal;
};

void add_options(CLI::App& app, Options& options);

} // namespace enforced::ctl
