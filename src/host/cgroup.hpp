// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::host {

struct Cgroup {
    std::uint64_t id = 0;
    std::string path; // from the root of the hierarchy: "/system.slice/nginx.service"; the root is ""
};

/// The cgroup2 hierarchy, seen from its root.
class CgroupTree {
  public:
    /// `root` is where it is mounted.
    static Result<CgroupTree> open(const std::string& root);

    /// A loan: what the cgroup programs are attached to.
    [[nodiscard]] int root() const { return root_.get(); }

    /// Every cgroup, each before those below it. One that vanishes meanwhile may be missing.
    [[nodiscard]] std::vector<Cgroup> list() const;

    /// The id of the cgroup that is at a path now, a path as `list` has them; none if there is none.
    [[nodiscard]] std::optional<std::uint64_t> id_of(const std::string& path) const;

    /// What systemd calls this run of the unit whose cgroup that is, 32 hexadecimal digits; empty if it does
    /// not say.
    [[nodiscard]] std::string invocation_of(const std::string& path) const;

    /// Where the caller itself is, from the root of the hierarchy down.
    [[nodiscard]] Result<std::string> own_path() const;

    /// The same as a path below the mount point.
    [[nodiscard]] Result<std::string> own_directory() const;

    /// The directory of a cgroup.
    [[nodiscard]] std::string directory(const std::string& path) const { return path_ + path; }

  private:
    CgroupTree(Fd root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}

    Fd root_;
    std::string path_;
};

/// The unit that a cgroup belongs to, as a part of its path: the topmost component that is not a slice (what
/// is below it, the unit or its user made), or the slice itself. Empty for the root.
std::string_view unit_of(std::string_view cgroup_path);

/// The unit of a user's manager that a cgroup belongs to, likewise: the topmost component below the manager's
/// own unit that is not a slice, or the slice itself. Empty if it is no user's.
std::string_view user_unit_of(std::string_view cgroup_path);

/// What a unit is called for people: its name, and that of the manager before it if it is a user's:
/// "user@1000.service:sync.service".
std::string unit_label(std::string_view unit_path);

/// The last component of a unit's path, without the underscore by which systemd tells a name apart from a
/// file of the kernel's.
std::string_view unit_name(std::string_view unit_path);

} // namespace enforced::host
