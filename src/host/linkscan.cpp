// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/linkscan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "base/fd.hpp"

namespace enforced::host {
namespace {

bool has_links(std::string_view type) {
    constexpr std::string_view local[] = {"ext2",  "ext3",     "ext4", "xfs",     "btrfs", "f2fs",
                                          "tmpfs", "bcachefs", "zfs",  "overlay", "jfs",   "ntfs3"};
    return std::find(std::begin(local), std::end(local), type) != std::end(local);
}

using Stream = std::unique_ptr<DIR, int (*)(DIR*)>;

class Walk {
  public:
    Walk(const std::vector<Mount>& mounts, std::size_t& budget,
         const std::function<void(const std::string&, const Object&)>& visit)
        : budget_(budget), visit_(visit) {
        for (const Mount& mount : mounts) {
            if (has_links(mount.type))
                devices_[static_cast<std::uint64_t>(mount.id)] = mount.device;
        }
    }

    bool run(const std::string& root) {
        const auto object = open_object(root);
        if (object)
            enter(openat(object->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), root == "/" ? "" : root, 0);
        return complete_;
    }

  private:
    void enter(int fd, const std::string& path, std::size_t depth) {
        Fd directory(fd);
        if (!directory) // gone under way, or no directory
            return;
        if (depth == max_scan_depth) {
            complete_ = false;
            return;
        }
        const Stream stream(fdopendir(directory.get()), closedir);
        if (!stream)
            return;
        fd = directory.release(); // the stream's now
        while (const dirent* entry = readdir(stream.get())) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..")
                continue;
            if (!budget_) {
                complete_ = false;
                return;
            }
            budget_--;
            if (entry->d_type == DT_DIR || entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
                look_at(fd, entry->d_name, path + "/" + entry->d_name, depth);
        }
    }

    void look_at(int directory, const char* name, const std::string& path, std::size_t depth) {
        struct statx status = {};

        if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
                  STATX_TYPE | STATX_NLINK | STATX_INO | STATX_MNT_ID, &status) < 0)
            return;
        const auto device = devices_.find(status.stx_mnt_id);
        if (device == devices_.end())
            return;
        if (S_ISDIR(status.stx_mode))
            enter(openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path, depth + 1);
        else if (S_ISREG(status.stx_mode) && status.stx_nlink > 1)
            visit_(path, {device->second, status.stx_ino});
    }

    std::map<std::uint64_t, std::uint32_t> devices_; // by mount
    std::size_t& budget_;
    const std::function<void(const std::string&, const Object&)>& visit_;
    bool complete_ = true;
};

} // namespace

bool scan_links(const std::string& root, const std::vector<Mount>& mounts, std::size_t& budget,
                const std::function<void(const std::string& path, const Object&)>& visit) {
    return Walk(mounts, budget, visit).run(root);
}

} // namespace enforced::host
