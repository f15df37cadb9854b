// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "ctl/change.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::string policy, mode;
    Trial trial;
};

std::string effect(const std::string& mode) {
    if (mode == "enforce")
        return "what its rules forbid is refused";
    if (mode == "audit")
        return "nothing is refused by it, what would be is reported";
    return "it governs nothing";
}

Done describe(const Request& request) {
    Done done;
    done.document = {{"verb", "mode"}, {"policy", request.policy}, {"mode", request.mode}};
    if (request.mode == "default") {
        done.text = fmt::format("Policy {} has the mode again that its files say.", request.policy);
        return done;
    }
    done.text =
        fmt::format("Policy {} is in mode {}: {}.", request.policy, request.mode, effect(request.mode));
    done.hints = {"It lasts until the next boot. To keep it beyond that: enforcectl permanent " +
                      request.policy,
                  "To undo it: enforcectl mode " + request.policy + " default"};
    return done;
}

} // namespace

void add_mode(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand("mode", "Set the mode of a policy until the next boot");
    verb->add_option("POLICY", request->policy, "Its name")->required();
    verb->add_option("MODE", request->mode,
                     "enforce, audit (report what would be refused), off, or default: what its files say")
        ->required()
        ->check(CLI::IsMember({"enforce", "audit", "off", "default"}));
    add_trial_options(*verb, request->trial);
    verb->callback([request, &call] {
        call.act = [request, &call] {
            const std::string mode = request->mode == "default" ? "" : request->mode;
            return make_change(
                call.options, request->trial,
                [&](Manager& manager, const Properties& options) {
                    return manager.SetMode(request->policy, mode, options);
                },
                [&] { return describe(*request); });
        };
    });
}

} // namespace enforced::ctl
