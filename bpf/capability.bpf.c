/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which capabilities a unit may use. The kernel asks here when it has found that the task has the capability:
 * we can only take it away. In a user namespace below the machine's own as well, where everybody has all of
 * them: they reach code there that was written for root.
 *
 * Not seen: what goes by uid 0 alone, and by the capabilities with which something was opened or mounted
 * before. */
#include "lib/emit.h"

/* include/linux/security.h: the kernel looks whether it could, does something else if not, and audits
 * nothing. Such a check is answered in silence: there are many in ordinary work, and nobody is refused what
 * he asked for. */
#define CAP_OPT_NOAUDIT (1U << 1)

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

static __always_inline __u64 capability_cell(const struct subject* subject, __u32 capability) {
    if (capability >= ENFORCED_CAPABILITIES)
        capability = ENFORCED_CAPABILITIES - 1;
    return enforced_cell(subject->bank, subject->set->capabilities + capability);
}

SEC("lsm/capable")
int BPF_PROG(capable, const struct cred* cred, struct user_namespace* namespace, int capability,
             unsigned int options, int ret) {
    ENFORCED_BEGIN(capable, ret, subject, ENFORCED_SET_CAPABILITY);
    struct verdict verdict = {.cell = capability_cell(&subject, capability)};

    if (!ENFORCED_CELL_HIGH(verdict.cell) || for_itself(cred))
        return 0;
    if (options & CAP_OPT_NOAUDIT)
        return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict.cell)) ? -ENFORCED_EPERM : 0;
    if (namespace->parent)
        verdict.flags |= ENFORCED_EVENT_USER_NAMESPACE;
    return report_number(&subject, &verdict, ENFORCED_OP_CAPABILITY, capability);
}
