// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>

#include "plan/manager.hpp"

namespace enforced::host {
namespace {

// A hierarchy of the kernel's can be this deep by default or less; the walk uses a descriptor a level.
constexpr std::size_t max_depth = 256;

void list_below(int fd, const std::string& path, std::size_t depth, std::vector<Cgroup>& found) {
    Fd directory(fd);
    struct stat status = {};

    // The inode number of a cgroup is its id, in 64 bits.
    if (!directory || fstat(directory.get(), &status) < 0)
        return;
    found.push_back({status.st_ino, path});
    if (depth == max_depth)
        return;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(directory.get()), closedir);
    if (!stream)
        return;
    fd = directory.release(); // the stream's now
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (entry->d_type == DT_DIR && name != "." && name != "..")
            list_below(openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                       path + "/" + entry->d_name, depth + 1, found);
    }
}

} // namespace

Result<CgroupTree> CgroupTree::open(const std::string& root) {
    Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return failure("open the cgroup hierarchy at " + root, errno);
    return CgroupTree(std::move(fd), root);
}

std::vector<Cgroup> CgroupTree::list() const {
    std::vector<Cgroup> found;
    list_below(openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", 0, found);
    return found;
}

std::optional<std::uint64_t> CgroupTree::id_of(const std::string& path) const {
    struct stat status = {};
    const std::string relative = "." + path;
    if (fstatat(root_.get(), relative.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
        return {};
    return status.st_ino;
}

std::string CgroupTree::invocation_of(const std::string& path) const {
    char id[32] = {};
    // The second is of those managers that may not set the first.
    for (const char* attribute : {"trusted.invocation_id", "user.invocation_id"}) {
        const ssize_t size = lgetxattr((path_ + path).c_str(), attribute, id, sizeof(id));
        if (size == sizeof(id) &&
            std::all_of(id, id + size, [](unsigned char c) { return std::isxdigit(c); }))
            return std::string(id, sizeof(id));
    }
    return {};
}

Result<std::string> CgroupTree::own_path() const {
    std::ifstream file("/proc/self/cgroup");

    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("0::"))
            return line.substr(3);
    }
    return failure("/proc/self/cgroup names no cgroup of version 2");
}

Result<std::string> CgroupTree::own_directory() const {
    auto path = own_path();
    return path ? Result<std::string>(directory(*path)) : path;
}

namespace {

/// The topmost component from `begin` on that is not a slice, with what is before it.
std::string_view topmost(std::string_view cgroup_path, std::size_t end) {
    while (end < cgroup_path.size()) {
        const std::size_t begin = end + 1; // behind the slash
        end = std::min(cgroup_path.find('/', begin), cgroup_path.size());
        const std::string_view name = cgroup_path.substr(begin, end - begin);
        if (!(name.size() > 6 && name.ends_with(".slice")))
            break;
    }
    return cgroup_path.substr(0, end);
}

} // namespace

std::string_view unit_of(std::string_view cgroup_path) {
    return topmost(cgroup_path, 0);
}

std::string_view user_unit_of(std::string_view cgroup_path) {
    const std::size_t offset = plan::user_offset(cgroup_path);
    return offset ? topmost(cgroup_path, offset) : std::string_view();
}

std::string unit_label(std::string_view unit_path) {
    const std::size_t offset = plan::user_offset(unit_path);
    const std::string name(unit_name(unit_path));
    return offset ? std::string(unit_name(unit_path.substr(0, offset))) + ":" + name : name;
}

std::string_view unit_name(std::string_view unit_path) {
    std::string_view name = unit_path.substr(unit_path.rfind('/') + 1);

    if (name.starts_with('_'))
        name.remove_prefix(1);
    return name;
}

} // namespace enforced::host
