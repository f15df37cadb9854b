// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/installed.hpp"

#include <sys/stat.h>

#include "base/result.hpp"
#include "host/settings.hpp"

namespace enforced::ctl {
namespace {

struct Place {
    std::vector<std::string> directories;
    uid_t owner = 0;
};

Result<Place> find(const std::string& root, const std::vector<std::string>& directories) {
    struct stat status {};
    if (root.empty())
        return Place{directories, 0};
    if (stat(root.c_str(), &status) < 0)
        return failure("cannot be looked at", errno);
    Place place{{}, status.st_uid};
    for (const auto& each : directories)
        place.directories.push_back(root.substr(0, root.find_last_not_of('/') + 1) + each);
    return place;
}

policy::Diagnostics about(const std::string& root, const Error& error) {
    return {{policy::Diagnostic::Severity::error, {root, 0, 0}, error.message}};
}

} // namespace

host::PolicyFiles read_installed(const std::string& root) {
    const auto place = find(root, host::policy_directories);
    return place ? host::read_policies(place->directories, place->owner)
                 : host::PolicyFiles{{}, about(root, place.error())};
}

host::PolicyFiles read_installed_settings(const std::string& root) {
    const auto place = find(root, host::settings_directories);
    return place ? host::read_settings_files(place->directories, place->owner) : host::PolicyFiles{};
}

policy::Diagnostics check_installed_settings(const std::string& root) {
    const auto place = find(root, host::settings_directories);
    return place ? host::read_settings(place->directories, place->owner).diagnostics : policy::Diagnostics{};
}

} // namespace enforced::ctl
