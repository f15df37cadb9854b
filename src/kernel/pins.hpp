// SPDX-License-Identifier: GPL-2.0-or-later
/// What keeps maps and links in force without a process: names in the BPF file system.
///
///     /sys/fs/bpf/enforced/maps/NAME   every map; the directory appears at once, complete
///     /sys/fs/bpf/enforced/links/HOOK  the link by which a hook's program is attached
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::kernel {

inline constexpr const char* bpffs_path = "/sys/fs/bpf";
inline constexpr const char* pins_path = "/sys/fs/bpf/enforced";

/// Mounts the BPF file system if it is not.
Status ensure_bpffs(const std::string& path = bpffs_path);

/// What a descriptor from a pin is. Only the name of its file tells.
enum class PinKind { map, link, other };
PinKind kind_of(int fd);

/// The one owner of the pins: of the daemon and `enforced --release`, one at a time.
class Pins {
  public:
    /// Makes the directories if need be, and locks them. Fails with EWOULDBLOCK if another process has.
    static Result<Pins> lock(const std::string& root = pins_path);

    /// Opens every pinned map; empty if there are none.
    [[nodiscard]] Result<std::map<std::string, Fd>> open_maps() const;

    /// Pins maps where there are none: all or none of them.
    Status pin_maps(const std::map<std::string, Fd>& maps);

    /// Whether the directory is still where it was locked: neither it nor its file system was taken away.
    [[nodiscard]] bool reachable() const;

    /// Pins those that are not, each a loan at its path. Returns how many that were.
    [[nodiscard]] Result<std::size_t> pin_missing(const std::map<std::string, int>& fds) const;

    /// Opens every pinned link, by hook.
    [[nodiscard]] Result<std::map<std::string, Fd>> open_links() const;

    /// Pins a link for a hook. One that is pinned there already stays attached until this one is in its
    /// place.
    Status pin_link(const std::string& hook, int fd);

    /// Takes a link's pin away; it is detached as soon as nobody holds it.
    Status remove_link(const std::string& hook);

    /// Takes away every link's pin, also those that are not in order. Returns how many there were.
    Result<std::size_t> remove_links();

    /// Takes away all that is left, after the links.
    Status remove_rest();

    [[nodiscard]] std::string map_path(const std::string& name) const { return root_ + "/maps/" + name; }
    [[nodiscard]] std::string link_path(const std::string& hook) const { return root_ + "/links/" + hook; }

  private:
    Pins(std::string root, Fd lock) : root_(std::move(root)), lock_(std::move(lock)) {}

    std::string root_;
    Fd lock_; // of the directory
};

} // namespace enforced::kernel
