// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>

#include "ctl/bus/connection.hpp"
#include "ctl/exit.hpp"
#include "ctl/files.hpp"
#include "ctl/installed.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"
#include "policy/merge.hpp"
#include "policy/parse.hpp"

namespace enforced::ctl {
namespace {

using policy::Diagnostic;
using policy::Diagnostics;
using policy::Source;

Diagnostic about(const std::string& file, Diagnostic::Severity severity, std::string message) {
    return {severity, {file, 0, 0}, std::move(message)};
}

/// An amendment alone can only be asked whether it is well written.
Diagnostics check_amendment(const Source& source) {
    Diagnostics found;
    policy::Policy nothing;
    policy::parse(source.text, source.path, nothing, found);
    return found;
}

Diagnostics check_file(const std::string& path) {
    auto source = read_file(path);
    if (source.fault.empty() && (source.masked || source.text.empty()))
        return {about(path, Diagnostic::Severity::warning,
                      "the file is empty: it masks policies of its name in lower directories")};
    if (source.fault.empty() && !source.amends.empty())
        return check_amendment(source);
    source.amends.clear();
    return policy::merge({std::move(source)}).diagnostics;
}

/// Adds what a directory holds to `sources`, and returns what is wrong with the directory itself.
Diagnostics add_directory(const std::string& path, unsigned rank, std::vector<Source>& sources) {
    auto read = read_directory(path, rank);
    if (!read)
        return {about(path, Diagnostic::Severity::error, read.error().message)};
    if (read->empty())
        return {about(path, Diagnostic::Severity::warning,
                      "there is no policy here: their files end in \".toml\"")};
    std::ranges::move(*read, std::back_inserter(sources));
    return {};
}

/// Just what the daemon would read, and would not.
Diagnostics check_installed(const std::string& root) {
    auto files = read_installed(root);
    auto found = check_installed_settings(root);
    std::ranges::move(files.errors, std::back_inserter(found));
    std::ranges::move(policy::merge(std::move(files.sources)).diagnostics, std::back_inserter(found));
    return found;
}

Diagnostics check_paths(const std::vector<std::string>& paths) {
    Diagnostics found;
    unsigned rank = 0;
    std::vector<Source> sources;
    for (const auto& path : paths)
        std::ranges::move(is_directory(path) ? add_directory(path, rank++, sources) : check_file(path),
                          std::back_inserter(found));
    std::ranges::move(policy::merge(std::move(sources)).diagnostics, std::back_inserter(found));
    return found;
}

/// What the daemon says of one file, as if it were loaded: it knows the kernel, and which amendments there
/// are.
Result<Diagnostics> ask_daemon(Bus& bus, const std::string& path) {
    const auto source = read_file(path);
    if (!source.fault.empty())
        return Diagnostics{about(path, Diagnostic::Severity::error, source.fault)};
    const auto name = policy::policy_name(source.basename);
    if (!name)
        return Diagnostics{about(path, Diagnostic::Severity::error, name.error().message)};
    const auto faults = bus.ask(
        [&](Manager& manager) { return read_diagnostics(manager.Check(*name, source.text, Properties())); });
    if (!faults)
        return std::unexpected(faults.error());
    Diagnostics found;
    for (const Fault& each : *faults)
        found.push_back(
            {each.severity == "warning" ? Diagnostic::Severity::warning : Diagnostic::Severity::error,
             {each.file == *name + ".toml" ? path : each.file, each.line, each.column},
             each.message});
    return found;
}

Result<Diagnostics> ask_daemon(const std::vector<std::string>& paths, const Options& options) {
    Diagnostics found;
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    for (const auto& path : paths) {
        auto of_path = ask_daemon(*bus, path);
        if (!of_path)
            return of_path;
        std::ranges::move(*of_path, std::back_inserter(found));
    }
    return found;
}

int report(const Diagnostics& diagnostics, const Options& options) {
    std::vector<Fault> faults;
    for (const auto& each : diagnostics) {
        if (options.json == Json::off)
            std::fprintf(stderr, "%s\n", policy::render(each).c_str());
        faults.push_back({each.severity == Diagnostic::Severity::error ? "error" : "warning", each.at.file,
                          each.at.line, each.at.column, each.message});
    }
    if (options.json != Json::off)
        print(json_text(documents_of(faults), options.json));
    return policy::has_errors(diagnostics) ? exit_failed : exit_good;
}

struct Request {
    std::vector<std::string> paths;
    std::string root;
    bool running = false;
};

Result<int> check(const Options& options, const Request& request) {
    if (!request.running)
        return report(request.paths.empty() ? check_installed(request.root) : check_paths(request.paths),
                      options);
    if (request.paths.empty())
        return std::unexpected(Error{"--running needs the files of policies", error_usage});
    const auto found = ask_daemon(request.paths, options);
    if (!found)
        return std::unexpected(found.error());
    return report(*found, options);
}

} // namespace

void add_check(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand("check", "Say what is wrong with policy files, without loading them");
    auto* paths = verb->add_option(
        "PATH", request->paths,
        "Policy files, or directories of them with their amendments; directories given later win "
        "over earlier ones. Without any, what the daemon would read");
    auto* root = verb->add_option("--root", request->root,
                                  "Check what the daemon would read of the system below this directory")
                     ->type_name("PATH");
    auto* running =
        verb->add_flag("--running", request->running,
                       "Ask the running daemon, which knows as well what this kernel can enforce");
    root->excludes(paths);
    root->excludes(running);
    verb->footer(
        "Silent if all is well. Exits with 1 if there are errors; warnings alone do not count. Needs "
        "neither root nor the daemon.");
    verb->callback(
        [request, &call] { call.act = [request, &call] { return check(call.options, *request); }; });
}

} // namespace enforced::ctl
