// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/guard.hpp"

#include <bpf/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/fd.hpp"

namespace enforced::kernel {
namespace {

struct Before {
    bool operator()(const enforced_guard_key& one, const enforced_guard_key& other) const {
        return std::tie(one.kind, one.device, one.number) < std::tie(other.kind, other.device, other.number);
    }
};
using Entries = std::map<enforced_guard_key, std::uint32_t, Before>;

enforced_guard_key key_of(enforced_guard_kind kind, std::uint64_t number, std::uint32_t device = 0) {
    return {number, device, kind};
}

void add_objects(Entries& entries, const Maps& maps, const Links& links) {
    for (const auto& [name, ignored] : maps.all())
        entries[key_of(ENFORCED_GUARD_MAP, maps.id(name))] = ENFORCED_GUARD_OWN;
    for (const Hook& hook : hooks) {
        bpf_link_info info = {};
        std::uint32_t size = sizeof(info);
        if (!links.attached().test(hook.number) ||
            bpf_obj_get_info_by_fd(links.fd(hook.number), &info, &size))
            continue;
        entries[key_of(ENFORCED_GUARD_LINK, info.id)] = ENFORCED_GUARD_OWN;
        entries[key_of(ENFORCED_GUARD_PROGRAM, info.prog_id)] = ENFORCED_GUARD_OWN;
    }
}

void describe(const Guard& guard, enforced_daemon& daemon) {
    daemon.pid = static_cast<std::uint32_t>(getpid());
    daemon.mount_namespace = guard.mount_namespace;
    std::ranges::copy(guard.above, daemon.above);
    std::ranges::fill(daemon.name, '\0');
    std::copy_n(guard.unit.begin(), std::min<std::size_t>(guard.unit.size(), ENFORCED_DAEMON_NAME - 1),
                daemon.name);
    daemon.cgroup = guard.cgroup;
}

} // namespace

Status label_as_daemon(const Maps& maps) {
    const Fd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    enforced_label label = {};

    if (!self)
        return failure("open a descriptor of this process", errno);
    label.phase = ENFORCED_DAEMON;
    return maps.labels().put(self.get(), label);
}

Status write_guard(const Guard& guard, Maps& maps, const Links& links) {
    auto table = maps.guards();
    Entries entries;

    describe(guard, maps.control().daemon);
    for (const GuardedFile& file : guard.files)
        entries[key_of(ENFORCED_GUARD_FILE, file.inode, file.device)] |= file.bits;
    add_objects(entries, maps, links);
    for (const auto& [key, bits] : entries) {
        if (auto done = table.put(key, bits); !done)
            return done;
    }
    for (const auto& [key, ignored] : table.entries()) {
        if (!entries.contains(key))
            table.remove(key);
    }
    return {};
}

} // namespace enforced::kernel
