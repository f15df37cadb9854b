// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/change.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {

void add_reload(CLI::App& app, Invocation& call) {
    auto trial = std::make_shared<Trial>();
    auto* verb = app.add_subcommand("reload", "Read the policy files anew and bring them into force");
    add_trial_options(*verb, *trial);
    verb->footer("If one of the files is at fault, nothing changes. The same as: systemctl reload enforced.");
    verb->callback([trial, &call] {
        call.act = [trial, &call] {
            return make_change(
                call.options, *trial,
                [](Manager& manager, const Properties& options) { return manager.Reload(options); },
                [] {
                    return Done{"What the policy files say is in force.", {}, {{"verb", "reload"}}};
                });
        };
    });

    trial = std::make_shared<Trial>();
    verb = app.add_subcommand("release",
                              "Lift all that is in force, until the next reload or start of the daemon");
    add_trial_options(*verb, *trial);
    verb->callback([trial, &call] {
        call.act = [trial, &call] {
            return make_change(
                call.options, *trial,
                [](Manager& manager, const Properties& options) { return manager.Release(options); },
                [] {
                    return Done{"Released: no policy is in force any more.",
                                {"To bring all of it into force again: enforcectl reload"},
                                {{"verb", "release"}}};
                });
        };
    });
}

} // namespace enforced::ctl
