// SPDX-License-Identifier: GPL-2.0-or-later
/// What the programs have to know of the daemon to keep governed units off it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/links.hpp"
#include "kernel/maps.hpp"

namespace enforced::kernel {

struct GuardedFile {
    std::uint32_t device = 0; // major << 20 | minor
    std::uint64_t inode = 0;
    std::uint32_t bits = 0; // ENFORCED_GUARD_*
};

struct Guard {
    std::vector<GuardedFile> files;
    std::uint64_t cgroup = 0;                                  // the daemon's own; 0: it is in no unit
    std::array<std::uint64_t, ENFORCED_DAEMON_LEVELS> above{}; // from the nearest on
    std::string unit;                                          // the last part of the cgroup's path
    std::uint32_t mount_namespace = 0;
};

/// Puts the label of the daemon on this process. Those that it forks get it from the kernel.
Status label_as_daemon(const Maps& maps);

/// Writes down what is guarded, with the maps, links and programs that there are now; takes out what is not
/// any more.
Status write_guard(const Guard& guard, Maps& maps, const Links& links);

} // namespace enforced::kernel
