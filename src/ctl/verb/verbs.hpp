// SPDX-License-Identifier: GPL-2.0-or-later
/// The verbs, a file each or one for a group. Each function adds its own to the command line; when one is
/// given, it sets `call.act`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.hpp"
#include "ctl/options.hpp"

namespace enforced::ctl {

/// What is to be done, once the command line is understood. It returns the exit status.
struct Invocation {
    Options options;
    std::function<Result<int>()> act;
};

void add_status(CLI::App& app, Invocation& call);
void add_units(CLI::App& app, Invocation& call);
void add_policies(CLI::App& app, Invocation& call);
void add_show(CLI::App& app, Invocation& call);
void add_check(CLI::App& app, Invocation& call);
void add_cat_config(CLI::App& app, Invocation& call);
void add_load(CLI::App& app, Invocation& call); // load, unload
void add_mode(CLI::App& app, Invocation& call);
void add_probation(CLI::App& app, Invocation& call); // confirm, revert
void add_permanent(CLI::App& app, Invocation& call);
void add_reload(CLI::App& app, Invocation& call); // reload, release
void add_events(CLI::App& app, Invocation& call);
void add_explain(CLI::App& app, Invocation& call);
void add_features(CLI::App& app, Invocation& call);

} // namespace enforced::ctl
