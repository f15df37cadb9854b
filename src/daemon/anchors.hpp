// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/mounts.hpp"
#include "kernel/apply.hpp"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// What of a plan's anchors and link scans is found in the file system now.
struct FoundAnchors {
    std::vector<kernel::Identity> identities;
    std::vector<std::string> unfinished; // roots of scans that were not walked to the end
};

/// The paths that are looked up by name: cheap, and to be done again whenever one of them changes.
std::vector<std::string> anchor_paths(const plan::Plan& plan);
std::vector<kernel::Identity> find_anchors(const plan::Plan& plan, const std::vector<host::Mount>& mounts);

/// Files with several links, one of whose names is refused: a walk over whole trees.
FoundAnchors scan_for_links(const plan::Plan& plan, const std::vector<host::Mount>& mounts);

} // namespace enforced::daemon
