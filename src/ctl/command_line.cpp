// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "ctl/exit.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

std::vector<std::string> names_of(const std::vector<const CLI::App*>& verbs) {
    std::vector<std::string> names;
    for (const CLI::App* verb : verbs)
        names.push_back(verb->get_name());
    return names;
}

} // namespace

CommandLine::CommandLine() : app_("Shows and changes what enforced holds systemd units to.", "enforcectl") {
    call_.options.terminal = look_at_output();
    app_.set_version_flag("--version", "enforcectl " ENFORCED_VERSION);
    app_.set_help_flag("-h,--help", "Show this help");
    app_.require_subcommand(1);
    app_.fallthrough(); // options of all verbs may come behind the verb
    add_options(app_, call_.options);
    for (auto add :
         {add_status, add_units, add_policies, add_show, add_check, add_cat_config, add_load, add_mode,
          add_probation, add_permanent, add_reload, add_events, add_explain, add_features})
        add(app_, call_);
    app_.footer("\"enforcectl VERB --help\" tells more, and so does man enforcectl.");
}

/// CLI11 takes what it does not know for an argument too many.
std::string CommandLine::complaint(const CLI::ParseError& error, int argc, char** argv) const {
    const auto* const all = &app_;
    const auto verbs = all->get_subcommands([](const CLI::App*) { return true; });
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with('-'))
            continue;
        const auto names = names_of(verbs);
        if (std::ranges::find(names, word) != names.end())
            break;
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        const auto meant = nearest(word, candidates);
        return "there is no verb " + quote(word) +
               (meant ? "; did you mean " + std::string(*meant) + "?" : "");
    }
    return error.what();
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
    try {
        app_.parse(argc, argv);
        return {};
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app_.exit(error);
        std::fprintf(stderr,
                     "enforcectl: %s\n\"enforcectl --help\" lists the verbs, \"enforcectl VERB --help\" "
                     "tells more of one.\n",
                     printable(complaint(error, argc, argv)).c_str());
        return exit_usage;
    }
}

} // namespace enforced::ctl
