// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "host/mounts.hpp"
#include "host/object.hpp"

namespace enforced::host {

/// How many directory entries all scans of one run look at: about two seconds of a warm cache.
constexpr std::size_t max_scanned_entries = 500'000;

/// How deep a tree is followed. What lies deeper has no name for the programs either, and is refused.
constexpr std::size_t max_scan_depth = 64;

/// Walks the tree below `root` and calls `visit` for each regular file with more than one link. Follows no
/// symbolic link, and enters only local file systems that have hard links: a server or a user's FUSE daemon
/// could hold up the walk. `budget` is what may still be looked at, and is counted down; false if it ran out
/// or the tree was too deep, so that not all was seen.
bool scan_links(const std::string& root, const std::vector<Mount>& mounts, std::size_t& budget,
                const std::function<void(const std::string& path, const Object&)>& visit);

} // namespace enforced::host
