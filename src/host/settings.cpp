// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/settings.hpp"

#include <utility>

#include "policy/merge.hpp"

namespace enforced::host {
namespace {

/// What lies below all files, so that those of enforced.toml.d count without enforced.toml, too.
policy::Source built_in() {
    policy::Source source;
    source.basename = settings_name;
    source.text = "# built in\n";
    return source;
}

} // namespace

PolicyFiles read_settings_files(std::span<const std::string> directories, uid_t owner) {
    auto files = read_policies(directories, owner);
    std::erase_if(files.sources, [](const policy::Source& source) {
        return source.basename != settings_name && source.amends != settings_name &&
               source.basename != std::string(settings_name) + ".d"; // which cannot be read
    });
    return files;
}

ReadSettings read_settings(std::span<const std::string> directories, uid_t owner) {
    ReadSettings read;
    auto files = read_settings_files(directories, owner);
    read.diagnostics = std::move(files.errors);
    files.sources.push_back(built_in());
    for (const policy::Source* part : policy::parts_of(files.sources, settings_name)) {
        if (part->fault.empty())
            policy::parse_settings(part->text, part->path, read.settings, read.diagnostics);
        else
            read.diagnostics.push_back(
                {policy::Diagnostic::Severity::error, {part->path, 0, 0}, part->fault});
    }
    if (policy::has_errors(read.diagnostics))
        read.settings = {};
    return read;
}

} // namespace enforced::host
