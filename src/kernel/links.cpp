// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/links.hpp"

#include <bpf/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

std::uint32_t link_type(HookKind kind) {
    switch (kind) {
    case HookKind::cgroup:
        return BPF_LINK_TYPE_CGROUP;
    case HookKind::trace:
        return BPF_LINK_TYPE_RAW_TRACEPOINT;
    case HookKind::iter:
        return BPF_LINK_TYPE_ITER;
    case HookKind::lsm:
    case HookKind::watch:
        break;
    }
    return BPF_LINK_TYPE_TRACING;
}

/// One of a cgroup, which alone can be detached (BPF_LINK_DETACH), has none any more.
bool is_detached(const bpf_link_info& info) {
    return info.type == BPF_LINK_TYPE_CGROUP && !info.cgroup.cgroup_id;
}

bool is_of_kind(const bpf_link_info& info, HookKind kind, int cgroup) {
    struct stat status = {};

    if (info.type != link_type(kind))
        return false;
    switch (kind) {
    case HookKind::cgroup:
        return is_detached(info) || (fstat(cgroup, &status) == 0 && info.cgroup.cgroup_id == status.st_ino);
    case HookKind::lsm:
        return info.tracing.attach_type == BPF_LSM_MAC;
    case HookKind::watch:
        return info.tracing.attach_type == BPF_TRACE_FENTRY;
    case HookKind::trace:
    case HookKind::iter:
        break;
    }
    return true;
}

/// What is known of a program that is attached; empty if it cannot be looked at.
struct Attached {
    std::string name; // as much of it as the kernel keeps
    std::vector<std::uint32_t> maps;
};

Attached look_at(std::uint32_t program) {
    Attached attached{{}, std::vector<std::uint32_t>(64)};
    bpf_prog_info info = {};
    std::uint32_t size = sizeof(info);
    const Fd fd(bpf_prog_get_fd_by_id(program));

    info.nr_map_ids = static_cast<std::uint32_t>(attached.maps.size());
    info.map_ids = reinterpret_cast<std::uintptr_t>(attached.maps.data());
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size))
        return {};
    attached.maps.resize(std::min<std::size_t>(attached.maps.size(), info.nr_map_ids));
    attached.name = info.name;
    return attached;
}

Result<bpf_link_info> look_at_link(const std::string& path, int fd) {
    bpf_link_info info = {};
    std::uint32_t size = sizeof(info);

    if (bpf_obj_get_info_by_fd(fd, &info, &size))
        return failure(path + " cannot be looked at", errno);
    return info;
}

Status check_link(const std::string& path, const bpf_link_info& info, const std::optional<Hook>& hook,
                  int cgroup, std::uint32_t control) {
    if (hook && !is_of_kind(info, hook->kind, cgroup))
        return failure(fmt::format("{} is not a link of the kind that belongs there", path));
    const Attached attached = look_at(info.prog_id);
    // All of ours use `control`, and nobody else can.
    if (std::ranges::find(attached.maps, control) == attached.maps.end())
        return failure(fmt::format("{} belongs to somebody else: its program does not use our maps", path));
    // Hooks differ in what the kernel keeps of their names.
    if (hook && attached.name != std::string_view(hook->name).substr(0, BPF_OBJ_NAME_LEN - 1))
        return failure(fmt::format("{} is the link of another hook: its program is {}", path, attached.name));
    return {};
}

/// Runs the program of an iterator's link over all that there is.
Status iterate(int link) {
    std::array<char, 256> nothing{}; // ours write no text
    const Fd iterator(bpf_iter_create(link));
    ssize_t size = 0;

    if (!iterator)
        return failure("begin to go through the tasks", errno);
    while ((size = read(iterator.get(), nothing.data(), nothing.size())) > 0 ||
           (size < 0 && errno == EAGAIN)) {
    }
    return size < 0 ? Status(failure("go through the tasks", errno)) : Status{};
}

} // namespace

Status Links::adopt(std::map<std::string, Fd> pinned, const Pins& pins, std::uint32_t control) {
    HookSet detached;

    for (const auto& [name, fd] : pinned) {
        const auto hook = find_hook(name);
        const auto info = look_at_link(pins.link_path(name), fd.get());
        if (!info)
            return std::unexpected(info.error());
        if (auto ours = check_link(pins.link_path(name), *info, hook, cgroup_, control); !ours)
            return ours;
        if (hook)
            detached.set(hook->number, is_detached(*info));
    }
    detached_ = detached;
    for (auto& [name, fd] : pinned) {
        if (const auto hook = find_hook(name)) {
            links_[hook->number] = std::move(fd);
            attached_.set(hook->number);
            pinned_.set(hook->number);
        }
    }
    return {};
}

Status Links::attach(const HookSet& wanted, const Programs& programs) {
    for (const Hook& hook : hooks) {
        if (!wanted.test(hook.number) || attached_.test(hook.number))
            continue;
        auto link = programs.attach(hook.number, cgroup_);
        if (!link)
            return std::unexpected(link.error());
        links_[hook.number] = std::move(*link);
        attached_.set(hook.number);
    }
    return {};
}

Status Links::replace(enforced_hook hook, const Programs& programs, Pins& pins) {
    if (hooks[hook].kind == HookKind::cgroup) {
        if (bpf_link_update(links_[hook].get(), programs.fd(hook), nullptr))
            return failure(fmt::format("update the link of {}", hooks[hook].name), errno);
        return {};
    }
    // The others cannot be updated. For a moment both are attached: what the first of them refuses the second
    // is not asked about; what is only reported is reported twice then.
    return renew(hook, programs, &pins);
}

Status Links::renew(enforced_hook hook, const Programs& programs, Pins* pins) {
    auto link = programs.attach(hook, cgroup_);
    if (!link)
        return std::unexpected(link.error());
    if (pins) {
        if (auto done = pins->pin_link(hooks[hook].name, link->get()); !done)
            return done;
        pinned_.set(hook);
    }
    links_[hook] = std::move(*link);
    detached_.reset(hook);
    return {};
}

Status Links::pin(const HookSet& wanted, Pins& pins) {
    for (const Hook& hook : hooks) {
        if (!wanted.test(hook.number) || !attached_.test(hook.number) || pinned_.test(hook.number))
            continue;
        if (auto done = pins.pin_link(hook.name, links_[hook.number].get()); !done)
            return done;
        pinned_.set(hook.number);
    }
    return {};
}

Status Links::drop(const HookSet& unwanted, Pins* pins) {
    for (const Hook& hook : hooks) {
        if (!unwanted.test(hook.number) || !attached_.test(hook.number))
            continue;
        if (pins && pinned_.test(hook.number)) {
            if (auto removed = pins->remove_link(hook.name); !removed)
                return removed;
        }
        links_[hook.number].reset();
        attached_.reset(hook.number);
        detached_.reset(hook.number);
        pinned_.reset(hook.number);
    }
    return {};
}

Status Links::run(enforced_hook hook) const {
    return attached_.test(hook) ? iterate(links_[hook].get()) : Status{};
}

} // namespace enforced::kernel
