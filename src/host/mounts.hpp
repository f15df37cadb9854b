// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace enforced::host {

/// A line of /proc/self/mountinfo.
struct Mount {
    int id = 0;
    std::uint32_t device = 0; // of the file system itself, in the kernel's form: major << 20 | minor
    std::string root;         // which part of it is mounted
    std::string point;
    std::string type;
};

/// Lines that are not understood are left out.
std::vector<Mount> parse_mountinfo(std::string_view text);

Result<std::vector<Mount>> read_mounts();

/// Where the cgroup2 hierarchy is mounted: /sys/fs/cgroup, or .../unified beside version 1.
std::optional<std::string> find_cgroup_root(const std::vector<Mount>& mounts);

} // namespace enforced::host
