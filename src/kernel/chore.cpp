// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/chore.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cstdint>

#include "base/fd.hpp"
#include "kernel/errand.hpp"

namespace enforced::kernel {

int keep_limit() {
    rlimit limit{};
    return getrlimit(RLIMIT_CORE, &limit) < 0 ? errno : told(setrlimit(RLIMIT_CORE, &limit));
}

int keep_priority() {
    errno = 0; // -1 is a priority as well
    const int priority = getpriority(PRIO_PROCESS, 0);
    return errno ? errno : told(setpriority(PRIO_PROCESS, 0, priority));
}

int keep_processors() {
    cpu_set_t processors{};
    return sched_getaffinity(0, sizeof(processors), &processors) < 0
               ? errno
               : told(sched_setaffinity(0, sizeof(processors), &processors));
}

int move_memory() {
    const unsigned long node = 1;
    const int error = told(syscall(SYS_migrate_pages, 0, 8 * sizeof(node), &node, &node));
    return error == ENOSYS ? not_needed : error; // a kernel that knows only one node
}

int have_signal_sent() {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
        return errno;
    const Fd one(pair[0]), other(pair[1]);
    if (fcntl(one.get(), F_SETOWN, getpid()) < 0 || fcntl(one.get(), F_SETSIG, SIGURG) < 0 ||
        fcntl(one.get(), F_SETFL, O_ASYNC) < 0 || send(other.get(), "", 1, 0) < 0)
        return errno;
    return not_told;
}

int watch_file() {
    const Fd watch(inotify_init1(IN_CLOEXEC));
    return watch ? told(inotify_add_watch(watch.get(), "file", IN_ACCESS)) : errno;
}

int set_file_attributes() {
    constexpr long file_setattr = 469; // which the C library does not know
    struct {
        std::uint64_t flags;
        std::uint32_t extent_size, extent_count, project, copy_extent_size;
    } none{};
    return told(syscall(file_setattr, AT_FDCWD, "file", &none, sizeof(none), 0));
}

int make_map() {
    bpf_attr attributes{};
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = sizeof(std::uint32_t);
    attributes.value_size = sizeof(std::uint32_t);
    attributes.max_entries = 1;
    return opened(static_cast<int>(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes))));
}

int load_program() {
    const std::array<bpf_insn, 2> instructions = {bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
                                                  bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    bpf_attr attributes{};
    attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
    attributes.insns = reinterpret_cast<std::uintptr_t>(instructions.data());
    attributes.insn_cnt = instructions.size();
    attributes.license = reinterpret_cast<std::uintptr_t>("GPL");
    return opened(static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes))));
}

} // namespace enforced::kernel
