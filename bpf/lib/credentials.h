/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By whose authority the current task acts. */
#ifndef ENFORCED_LIB_CREDENTIALS_H
#define ENFORCED_LIB_CREDENTIALS_H

#include "maps.h"

/* include/linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000 /* since 6.4 */

static __always_inline bool uses_ring(struct task_struct* task) {
    if (task->flags & (PF_IO_WORKER | PF_USER_WORKER))
        return true;
    return bpf_core_field_exists(task->io_uring) && BPF_CORE_READ(task, io_uring);
}

/* Whether the kernel has put other credentials on the task for a moment, as overlayfs does with those of who
 * mounted it: it is at work for itself then, and not for the unit. A task that uses io_uring can have this
 * done to it with credentials that it kept (registered personalities, requests from before a change), so
 * there it does not count. */
static __always_inline bool for_itself(const struct cred* cred) {
    struct task_struct* task = bpf_get_current_task_btf();

    return cred == BPF_CORE_READ(task, cred) && cred != BPF_CORE_READ(task, real_cred) && !uses_ring(task);
}

#endif
