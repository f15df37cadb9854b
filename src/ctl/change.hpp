// SPDX-License-Identifier: GPL-2.0-or-later
/// What all verbs have in common that change something.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ctl/bus/connection.hpp"
#include "ctl/output/json.hpp"

namespace enforced::ctl {

/// --timeout and --hold, as they were given.
struct Trial {
    std::string timeout;
    bool hold = false;
};

void add_trial_options(CLI::App& verb, Trial& trial);

/// What was done, for people and for programs.
struct Done {
    std::string text;               // a sentence
    std::vector<std::string> hints; // "To keep it beyond the next boot: enforcectl ..."
    Document document = Document::object();
};

/// A method of the manager that takes options and returns by what name the probation is known.
using Change = std::function<std::string(Manager&, const Properties& options)>;

/// Makes the change, on probation if asked to, and says what was done; with --hold it waits for the end of
/// the probation. `describe` is called when the change is made.
Result<int> make_change(const Options& options, const Trial& trial, const Change& change,
                        const std::function<Done()>& describe);

/// What the change on probation is: "mode audit of policy nginx".
std::string name_of(const Probation& probation);

/// Lines that say when it ends, how to keep it and how to undo it.
std::vector<std::string> ways_out(const Probation& probation, std::uint64_t now);

} // namespace enforced::ctl
