// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "ctl/change.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::string policy;
    Trial trial;
};

} // namespace

void add_permanent(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand(
        "permanent", "Keep what was loaded, unloaded or set by mode of a policy beyond the next boot");
    verb->add_option("POLICY", request->policy, "Its name")->required();
    add_trial_options(*verb, request->trial);
    verb->callback([request, &call] {
        call.act = [request, &call] {
            auto files = std::make_shared<std::vector<std::string>>();
            return make_change(
                call.options, request->trial,
                [&, files](Manager& manager, const Properties& options) {
                    auto [changed, probation] = manager.MakePermanent(request->policy, options);
                    *files = std::move(changed);
                    return probation;
                },
                [&, files] {
                    return Done{fmt::format("Policy {} is as it is now for good: {}.", request->policy,
                                            join(*files, ", ")),
                                {},
                                {{"verb", "make-permanent"}, {"policy", request->policy}, {"files", *files}}};
                });
        };
    });
}

} // namespace enforced::ctl
