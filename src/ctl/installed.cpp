// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/installed.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace enforced::ctl {

host::PolicyFiles read_installed(const std::string& root) {
    if (root.empty())
        return host::read_policies(host::policy_directories);
    struct stat status {};
    if (stat(root.c_str(), &status) < 0)
        return {{},
                {{policy::Diagnostic::Severity::error,
                  {root, 0, 0},
                  std::string("cannot be looked at: ") + std::strerror(errno)}}};
    std::vector<std::string> directories;
    for (const auto& each : host::policy_directories)
        directories.push_back((root == "/" ? "" : root.substr(0, root.find_last_not_of('/') + 1)) + each);
    return host::read_policies(directories, status.st_uid);
}

} // namespace enforced::ctl
