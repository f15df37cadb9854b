/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to ask PID 1 for something: a root process that may ask it can have anything done outside of its
 * unit. A user's own manager does the same for all who run as that user.
 *
 * PID 1 listens on its own sockets, and on those of all units that are started by one: the names tell them
 * apart, which are PID 1's own words, not the unit's. The bus is another's, but passes on to PID 1 what root
 * says, and PID 1 asks nobody whether root may. What others say, polkit is asked about: they may connect.
 *
 * A socket that PID 1 does not listen on is another's, whatever it is called, except for the buses and what
 * managers of users listen on: those are known by their names alone. */
#ifndef ENFORCED_LIB_MANAGER_H
#define ENFORCED_LIB_MANAGER_H

#include "deed.h"
#include "text.h"

#define SUN_PATH 2 /* where a name begins in an address of a socket */

static __always_inline bool is_managers(const char* name) {
    return IS_TEXT(name, "/run/systemd/private") || IS_TEXT(name, "/run/systemd/io.systemd.Manager");
}

static __always_inline bool is_bus(const char* name) {
    return IS_TEXT(name, "/run/dbus/system_bus_socket");
}

#define RUN_USER "/run/user/"

/* In the directory of a user's: the socket of the manager, and the bus. */
static __always_inline bool is_users(const char* name, __u64 path) {
    char rest[24] = {};
    __u32 end = sizeof(RUN_USER) - 1;

    if (!is_text(name, RUN_USER, end))
        return false;
    for (__u32 i = 0; i < 10 && name[end] >= '0' && name[end] <= '9'; i++)
        end++;
    bpf_probe_read_kernel_str(rest, sizeof(rest), (void*)(path + end));
    return IS_TEXT(rest, "/systemd/private") || IS_TEXT(rest, "/bus");
}

static __always_inline bool is_root(void) {
    return BPF_CORE_READ(bpf_get_current_task_btf(), cred, euid.val) == 0;
}

/* Who listens is who called listen(). */
static __always_inline bool by_manager(struct sock* listener) {
    return BPF_CORE_READ(listener, sk_peer_pid, numbers[0].nr) == 1;
}

/* Where the name of a listening socket stands; 0: it has none. */
static __always_inline __u64 name_of(struct sock* listener) {
    __u64 address = (__u64)BPF_CORE_READ((struct unix_sock*)listener, addr);

    return address ? address + bpf_core_field_offset(struct unix_address, name) + SUN_PATH : 0;
}

/* Not inlined: the names are off the stack again when a refusal is told. */
static __noinline bool leads_to_manager(struct sock* listener) {
    __u64 path = name_of(listener);
    char name[40] = {};

    if (!path)
        return false;
    bpf_probe_read_kernel_str(name, sizeof(name), (void*)path);
    return (is_managers(name) && by_manager(listener)) || (is_bus(name) && is_root()) || is_users(name, path);
}

static __always_inline int ask_manager(const struct subject* subject, struct sock* listener) {
    if (!(subject->set->flags & ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SYSTEMD)) || !leads_to_manager(listener))
        return 0;
    return ask_kernel(subject, ENFORCED_KERNEL_SYSTEMD, 0, name_of(listener));
}

#endif
