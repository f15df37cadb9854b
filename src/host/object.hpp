// SPDX-License-Identifier: GPL-2.0-or-later
/// What is behind a path: the identity by which the kernel knows a file or directory under whatever name.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "host/mounts.hpp"

namespace enforced::host {

struct Object {
    std::uint32_t device = 0; // of the file system, major << 20 | minor
    std::uint64_t inode = 0;

    friend auto operator<=>(const Object&, const Object&) = default;
};

/// Opens (O_PATH) what an absolute path leads to. A symbolic link is followed only if root owns it: one of a
/// user's could make an anchor of any object on the machine, and shut a unit out of it.
Result<Fd> open_object(const std::string& path);

/// The device is that of the superblock, which on btrfs and overlayfs is not the one that stat tells.
Result<Object> identify(int fd, const std::vector<Mount>& mounts);

/// Nothing if there is nothing under that path now.
std::optional<Object> find_object(const std::string& path, const std::vector<Mount>& mounts);

} // namespace enforced::host
