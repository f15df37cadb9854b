// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "ctl/files.hpp"
#include "host/confdir.hpp"
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

bool report(const Diagnostics& diagnostics) {
    for (const auto& each : diagnostics)
        std::fprintf(stderr, "%s\n", policy::render(each).c_str());
    return !policy::has_errors(diagnostics);
}

/// Just what the daemon would read, and would not.
int check_installed() {
    auto files = host::read_policies(host::policy_directories);
    const bool directories = report(files.errors);
    const bool policies = report(policy::merge(std::move(files.sources)).diagnostics);
    return directories && policies ? 0 : 1;
}

} // namespace

int check(const std::vector<std::string>& paths) {
    if (paths.empty())
        return check_installed();
    bool good = true;
    unsigned rank = 0;
    std::vector<Source> sources;
    for (const auto& path : paths) {
        if (is_directory(path))
            good &= report(add_directory(path, rank++, sources));
        else
            good &= report(check_file(path));
    }
    good &= report(policy::merge(std::move(sources)).diagnostics);
    return good ? 0 : 1;
}

} // namespace enforced::ctl
