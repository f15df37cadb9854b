/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Having a file send its signals to a process. */
#ifndef ENFORCED_LIB_OWNER_H
#define ENFORCED_LIB_OWNER_H

#include "guard.h"

#define ENFORCED_SIGIO 29

static __always_inline int ask_owner(const struct subject* subject) {
    return ask_kernel(subject, ENFORCED_KERNEL_SIGNAL, ENFORCED_SIGIO, 0);
}

/* Whether it is to be the daemon, or the daemon's process group, which has the same number. Who is in a pid
 * namespace of its own cannot name it. */
static __noinline int guard_owner(const struct subject* subject, int owner) {
    struct enforced_control* control = get_control();
    __u32 number = owner < 0 ? -owner : owner;

    if (!control || !number || number != control->daemon.pid ||
        BPF_CORE_READ(bpf_get_current_task_btf(), thread_pid, level))
        return 0;
    return guard_deed(subject, ENFORCED_OP_SELF_SIGNAL, ENFORCED_SIGIO, 0);
}

#endif
