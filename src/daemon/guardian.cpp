// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/guardian.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/mounts.hpp"
#include "host/possession.hpp"

namespace enforced::daemon {
namespace {

std::string own_program() {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
    return {path, length < 0 ? 0 : static_cast<std::size_t>(length)};
}

std::uint32_t own_mount_namespace() {
    struct stat status = {};
    return stat("/proc/self/ns/mnt", &status) ? 0 : static_cast<std::uint32_t>(status.st_ino);
}

std::uint32_t bits_of(host::Possession::Kind kind) {
    switch (kind) {
    case host::Possession::Kind::own:
        return ENFORCED_GUARD_OWN;
    case host::Possession::Kind::above:
        return ENFORCED_GUARD_ABOVE;
    case host::Possession::Kind::program:
        return ENFORCED_GUARD_OWN | ENFORCED_GUARD_DAEMON;
    }
    return 0;
}

} // namespace

Guardian::Guardian(const host::CgroupTree& tree, kernel::Enforcement& enforcement)
    : tree_(tree), enforcement_(enforcement) {
    const auto path = tree.own_path();
    // Where it was started by hand it is in the cgroup of somebody's session, and alone in none.
    if (path && path->ends_with(".service"))
        home_ = *path;
}

Status Guardian::renew() const {
    const auto mounts = host::read_mounts();
    kernel::Guard guard;

    if (!mounts)
        return std::unexpected(mounts.error());
    for (const host::Possession& each : host::find_possessions(*mounts, own_program()))
        guard.files.push_back({each.object.device, each.object.inode, bits_of(each.kind)});
    guard.mount_namespace = own_mount_namespace();
    if (!home_.empty()) {
        guard.cgroup = tree_.id_of(home_).value_or(0);
        guard.unit = home_.substr(home_.rfind('/') + 1);
        std::string above = home_;
        for (auto& level : guard.above) {
            if (above.empty())
                break;
            above.resize(above.rfind('/'));
            level = tree_.id_of(above).value_or(0);
        }
    }
    return enforcement_.guard(guard);
}

std::optional<std::string> Guardian::come_back() const {
    const auto path = tree_.own_path();

    if (home_.empty() || !path || *path == home_ || path->starts_with(home_ + "/"))
        return {};
    const Fd processes(open((tree_.directory(home_) + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!processes || write(processes.get(), "0", 1) != 1)
        return *path + ", and does not get back";
    return *path;
}

} // namespace enforced::daemon
