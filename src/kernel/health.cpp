// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/health.hpp"

#include <bpf/bpf.h>
#include <time.h>

namespace enforced::kernel {
namespace {

constexpr const char* watched[] = {"units", "cgroups", "counters", "repeats", "launches", "execs", "guards"};

std::uint64_t misses_of(std::uint32_t program) {
    bpf_prog_info info = {};
    std::uint32_t size = sizeof(info);
    const Fd fd(bpf_prog_get_fd_by_id(program));

    return fd && !bpf_obj_get_info_by_fd(fd.get(), &info, &size) ? info.recursion_misses : 0;
}

std::size_t count_keys(int map, std::size_t key_size, std::size_t most) {
    std::vector<char> key(key_size), next(key_size);
    std::size_t count = 0;

    // What is removed meanwhile makes the kernel begin anew: no longer than there is room.
    for (const void* previous = nullptr; count < most && !bpf_map_get_next_key(map, previous, next.data());
         previous = key.data()) {
        key = next;
        count++;
    }
    return count;
}

} // namespace

std::vector<Misses> find_misses(const Links& links) {
    std::vector<Misses> found;

    for (const Hook& hook : hooks) {
        bpf_link_info info = {};
        std::uint32_t size = sizeof(info);
        if (!links.attached().test(hook.number) ||
            bpf_obj_get_info_by_fd(links.fd(hook.number), &info, &size))
            continue;
        if (const std::uint64_t count = misses_of(info.prog_id))
            found.push_back({hook.name, count});
    }
    return found;
}

std::vector<Fill> measure(const Maps& maps) {
    std::vector<Fill> found;

    for (const char* name : watched) {
        bpf_map_info info = {};
        std::uint32_t size = sizeof(info);
        const int map = maps.fd(name);
        if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size))
            continue;
        found.push_back({name, count_keys(map, info.key_size, info.max_entries), info.max_entries});
    }
    return found;
}

void forget_old_launches(const Maps& maps, std::chrono::nanoseconds longest) {
    timespec time = {};
    clock_gettime(CLOCK_MONOTONIC, &time);
    const auto now = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    auto launches = maps.launches();

    // One that the programs remove meanwhile makes the walk begin anew: it ends as soon as PID 1 pauses.
    for (const auto& [began, leader] : launches.entries()) {
        if (std::chrono::nanoseconds(began) + longest < now)
            launches.remove(began);
    }
}

} // namespace enforced::kernel
