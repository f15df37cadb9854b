// SPDX-License-Identifier: GPL-2.0-or-later
#include <filesystem>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "ctl/change.hpp"
#include "ctl/exit.hpp"
#include "ctl/files.hpp"
#include "ctl/verb/verbs.hpp"
#include "policy/parse.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::string file, name; // name: of the policy
    Trial trial;
};

/// The policy's name that was given, or that the file's name gives.
Result<std::string> name_of(const Request& request) {
    if (!request.name.empty())
        return request.name;
    if (request.file == "-")
        return std::unexpected(Error{"what is read from standard input needs --name", error_usage});
    auto name = policy::policy_name(std::filesystem::path(request.file).filename().string());
    if (!name)
        return std::unexpected(Error{printable(request.file) + " " + name.error().message +
                                         "\nTo call the policy otherwise than the file: --name",
                                     error_usage});
    return name;
}

Result<std::string> text_of(const Request& request) {
    auto source = read_file(request.file == "-" ? "/dev/stdin" : request.file);
    if (!source.fault.empty())
        return failure(printable(request.file) + " " + source.fault);
    if (source.text.empty())
        return failure(printable(request.file) + " is empty; to lift a policy: enforcectl unload");
    return std::move(source.text);
}

Result<int> load(const Options& options, const Request& request) {
    const auto name = name_of(request);
    if (!name)
        return std::unexpected(name.error());
    const auto text = text_of(request);
    if (!text)
        return std::unexpected(text.error());
    return make_change(
        options, request.trial,
        [&](Manager& manager, const Properties& arguments) {
            return std::get<1>(manager.LoadPolicy(*name, *text, arguments));
        },
        [&] {
            return Done{
                fmt::format("Policy {} is loaded and in force.", *name),
                {"It lasts until the next boot. To keep it beyond that: enforcectl permanent " + *name,
                 "To undo it: enforcectl unload " + *name},
                {{"verb", "load"}, {"policy", *name}}};
        });
}

Result<int> unload(const Options& options, const Request& request) {
    return make_change(
        options, request.trial,
        [&](Manager& manager, const Properties& arguments) {
            return manager.UnloadPolicy(request.name, arguments);
        },
        [&] {
            return Done{fmt::format("Policy {} is lifted.", request.name),
                        {"It lasts until the next boot. To keep it so beyond that: enforcectl permanent " +
                         request.name},
                        {{"verb", "unload"}, {"policy", request.name}}};
        });
}

} // namespace

void add_load(CLI::App& app, Invocation& call) {
    auto loaded = std::make_shared<Request>();
    auto* verb = app.add_subcommand("load", "Bring a policy into force until the next boot");
    verb->add_option("FILE", loaded->file, "Its file; - for standard input")->required();
    verb->add_option("--name", loaded->name, "What to call it, if not as the file without \".toml\"")
        ->type_name("POLICY");
    add_trial_options(*verb, loaded->trial);
    verb->callback([loaded, &call] { call.act = [loaded, &call] { return load(call.options, *loaded); }; });

    auto unloaded = std::make_shared<Request>();
    verb = app.add_subcommand("unload", "Lift a policy until the next boot");
    verb->add_option("POLICY", unloaded->name, "Its name")->required();
    add_trial_options(*verb, unloaded->trial);
    verb->callback(
        [unloaded, &call] { call.act = [unloaded, &call] { return unload(call.options, *unloaded); }; });
}

} // namespace enforced::ctl
