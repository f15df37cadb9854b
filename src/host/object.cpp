// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/object.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>

namespace enforced::host {
namespace {

constexpr int max_links = 40; // as the kernel's own limit

/// Takes the first component off the front of `rest`; empty at the end.
std::string take_component(std::string& rest) {
    const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    std::string component = rest.substr(begin, end - begin);

    rest.erase(0, end);
    return component;
}

Result<std::string> read_link(int fd) {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = readlinkat(fd, "", target.data(), target.size());

    if (length < 0)
        return failure("read the link", errno);
    target.resize(static_cast<std::size_t>(length));
    return target;
}

Result<Fd> open_root() {
    Fd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root)
        return failure("open /", errno);
    return root;
}

} // namespace

Result<Fd> open_object(const std::string& path) {
    std::string rest = path;
    auto current = open_root();
    int links = 0;

    while (current) {
        const std::string component = take_component(rest);
        struct stat status = {};

        if (component.empty())
            break;
        Fd next(openat(current->get(), component.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (!next || fstat(next.get(), &status) < 0)
            return failure("open " + path, errno);
        if (!S_ISLNK(status.st_mode)) {
            *current = std::move(next);
            continue;
        }
        if (status.st_uid != 0 || ++links > max_links)
            return failure("follow the symbolic links of " + path, ELOOP);
        auto target = read_link(next.get());
        if (!target)
            return std::unexpected(target.error());
        rest = *target + "/" + rest;
        if (target->starts_with('/'))
            current = open_root();
    }
    return current;
}

Result<Object> identify(int fd, const std::vector<Mount>& mounts) {
    struct statx status = {};

    // AT_STATX_DONT_SYNC: a file server that does not answer does not hold up the daemon.
    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &status) < 0)
        return failure("statx", errno);
    const auto mount = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& candidate) {
        return static_cast<std::uint64_t>(candidate.id) == status.stx_mnt_id;
    });
    if (mount == mounts.end())
        return failure("find the mount in /proc/self/mountinfo", ENOENT);
    return Object{mount->device, status.stx_ino};
}

std::optional<Object> find_object(const std::string& path, const std::vector<Mount>& mounts) {
    const auto fd = open_object(path);

    if (!fd)
        return {};
    const auto object = identify(fd->get(), mounts);
    return object ? std::optional(*object) : std::nullopt;
}

} // namespace enforced::host
