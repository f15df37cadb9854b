// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pins.hpp"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

// The file system takes no dots in names.
constexpr std::string_view incoming = "_new";

Status make_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0700) < 0 && errno != EEXIST)
        return failure("create " + path, errno);
    return {};
}

Status remove_file(const std::string& path) {
    if (unlink(path.c_str()) < 0 && errno != ENOENT)
        return failure("remove " + path, errno);
    return {};
}

/// Empty for a directory that does not exist.
Result<std::vector<std::string>> list(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(path.c_str()), closedir);
    std::vector<std::string> names;

    if (!stream && errno == ENOENT)
        return names;
    if (!stream)
        return failure("open " + path, errno);
    while (const dirent* entry = readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..")
            names.push_back(name);
    }
    return names;
}

Status remove_directory(const std::string& path) {
    const auto names = list(path);
    if (!names)
        return std::unexpected(names.error());
    for (const std::string& name : *names) {
        if (auto removed = remove_file(path + "/" + name); !removed)
            return removed;
    }
    if (rmdir(path.c_str()) < 0 && errno != ENOENT)
        return failure("remove " + path, errno);
    return {};
}

Result<std::map<std::string, Fd>> open_all(const std::string& directory, PinKind kind, const char* what) {
    std::map<std::string, Fd> found;
    const auto names = list(directory);

    if (!names)
        return std::unexpected(names.error());
    for (const std::string& name : *names) {
        const std::string path = directory + "/" + name;
        Fd fd(bpf_obj_get(path.c_str()));
        if (!fd)
            return failure(path + " cannot be opened", errno);
        if (kind_of(fd.get()) != kind)
            return failure(fmt::format("{} is not a {}", path, what));
        found.emplace(name, std::move(fd));
    }
    return found;
}

} // namespace

Status ensure_bpffs(const std::string& path) {
    struct statfs status = {};

    if (statfs(path.c_str(), &status) == 0 && status.f_type == BPF_FS_MAGIC)
        return {};
    if (mount("bpf", path.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, "mode=700") == 0)
        return {};
    return failure(
        fmt::format("the BPF file system is not mounted at {}, and mounting it failed (as root: mount "
                    "-t bpf bpf {})",
                    path, path),
        errno);
}

PinKind kind_of(int fd) {
    char name[64] = {};

    if (readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), name, sizeof(name) - 1) < 0)
        return PinKind::other;
    const std::string_view text = name;
    if (text.find("bpf-map") != text.npos)
        return PinKind::map;
    // "bpf_link" up to 6.x, "bpf-link" as the others are called.
    if (text.find("bpf_link") != text.npos || text.find("bpf-link") != text.npos)
        return PinKind::link;
    return PinKind::other;
}

Result<Pins> Pins::lock(const std::string& root) {
    if (auto made = make_directory(root); !made)
        return std::unexpected(made.error());
    Fd fd(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd)
        return failure("open " + root, errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) < 0)
        return failure("lock " + root, errno);
    if (auto made = make_directory(root + "/links"); !made)
        return std::unexpected(made.error());
    return Pins(root, std::move(fd));
}

Result<std::map<std::string, Fd>> Pins::open_maps() const {
    return open_all(root_ + "/maps", PinKind::map, "map");
}

Status Pins::pin_maps(const std::map<std::string, Fd>& maps) {
    const std::string directory = root_ + "/maps" + std::string(incoming);

    if (auto removed = remove_directory(directory); !removed) // of one that died on the way
        return removed;
    if (auto made = make_directory(directory); !made)
        return made;
    for (const auto& [name, fd] : maps) {
        if (bpf_obj_pin(fd.get(), (directory + "/" + name).c_str()))
            return failure("pin the map " + name, errno);
    }
    if (rename(directory.c_str(), (root_ + "/maps").c_str()) < 0)
        return failure("rename " + directory, errno);
    return {};
}

bool Pins::reachable() const {
    struct stat locked = {}, found = {};

    return fstat(lock_.get(), &locked) == 0 && stat(root_.c_str(), &found) == 0 &&
           locked.st_dev == found.st_dev && locked.st_ino == found.st_ino;
}

Result<std::size_t> Pins::pin_missing(const std::map<std::string, int>& fds) const {
    std::size_t pinned = 0;

    for (const char* directory : {"/maps", "/links"}) {
        if (auto made = make_directory(root_ + directory); !made)
            return std::unexpected(made.error());
    }
    for (const auto& [path, fd] : fds) {
        if (access(path.c_str(), F_OK) == 0)
            continue;
        if (bpf_obj_pin(fd, path.c_str()))
            return failure("pin " + path, errno);
        pinned++;
    }
    return pinned;
}

Result<std::map<std::string, Fd>> Pins::open_links() const {
    const auto names = list(root_ + "/links");

    if (!names)
        return std::unexpected(names.error());
    for (const std::string& name : *names) {
        // Of one that died on the way: the link whose place it was to take is still there.
        if (name.ends_with(incoming)) {
            if (auto removed = remove_file(link_path(name)); !removed)
                return std::unexpected(removed.error());
        }
    }
    return open_all(root_ + "/links", PinKind::link, "link");
}

Status Pins::pin_link(const std::string& hook, int fd) {
    const std::string path = link_path(hook), aside = path + std::string(incoming);

    if (auto removed = remove_file(aside); !removed)
        return removed;
    if (bpf_obj_pin(fd, aside.c_str()))
        return failure("pin the link " + aside, errno);
    // Atomic: there is never a moment at which neither of the two is pinned.
    if (rename(aside.c_str(), path.c_str()) < 0)
        return failure("rename " + aside, errno);
    return {};
}

Status Pins::remove_link(const std::string& hook) {
    return remove_file(link_path(hook));
}

Result<std::size_t> Pins::remove_links() {
    const auto links = list(root_ + "/links");

    if (!links)
        return std::unexpected(links.error());
    if (auto removed = remove_directory(root_ + "/links"); !removed)
        return std::unexpected(removed.error());
    return links->size();
}

Status Pins::remove_rest() {
    for (const char* directory : {"/maps", "/maps_new"}) {
        if (auto removed = remove_directory(root_ + directory); !removed)
            return removed;
    }
    if (rmdir(root_.c_str()) < 0)
        return failure("remove " + root_, errno);
    return {};
}

} // namespace enforced::kernel
