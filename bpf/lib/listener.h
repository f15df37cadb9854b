/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose socket it is that listens. */
#ifndef ENFORCED_LIB_LISTENER_H
#define ENFORCED_LIB_LISTENER_H

#include "subject.h"

/* The unit that listened with a socket, or accepted by it, last. Programs write and read. */
struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, __u64);
} listeners SEC(".maps") __weak;

/* A socket that the unit has from somebody else, such as the manager (socket activation), lies in that one's
 * cgroup: it is the unit's from when it is first used. */
static __always_inline void take_listener(const struct subject* subject, struct socket* socket) {
    struct sock* sk = socket->sk;
    __u64* owner;

    if (!sk)
        return;
    owner = bpf_sk_storage_get(&listeners, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (owner)
        *owner = subject->unit;
    else
        count(ENFORCED_STAT_STORAGE_FAILED);
}

#endif
