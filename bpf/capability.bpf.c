/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which capabilities a unit may use. The kernel asks here when it has found that the task has the capability:
 * we can only take it away. In a user namespace below the machine's own as well, where everybody has all of
 * them: they reach code there that was written for root.
 *
 * Not seen: what goes by uid 0 alone, and by the capabilities with which something was opened or mounted
 * before. */
#include "lib/credentials.h"
#include "lib/deed.h"

/* include/linux/security.h: the kernel looks whether it could, does something else if not, and audits
 * nothing. Such a check is answered in silence: there are many in ordinary work, and nobody is refused what
 * he asked for. */
#define CAP_OPT_NOAUDIT (1U << 1)

#define CAP_SYS_MODULE 16

static __always_inline __u64 capability_cell(const struct subject* subject, __u32 capability) {
    if (!(subject->set->flags & ENFORCED_SET_CAPABILITY))
        return 0;
    if (capability >= ENFORCED_CAPABILITIES)
        capability = ENFORCED_CAPABILITIES - 1;
    return enforced_cell(subject->bank, subject->set->capabilities + capability);
}

/* Loading a module and removing one are what CAP_SYS_MODULE is for; the latter is asked about nowhere else.
 */
static __always_inline __u64 modules_cell(const struct subject* subject, __u32 capability) {
    return capability == CAP_SYS_MODULE ? kernel_cell(subject, ENFORCED_KERNEL_MODULES) : 0;
}

SEC("lsm/capable")
int BPF_PROG(capable, const struct cred* cred, struct user_namespace* namespace, int capability,
             unsigned int options, int ret) {
    ENFORCED_BEGIN(capable, ret, subject,
                   ENFORCED_SET_CAPABILITY | ENFORCED_SET_KERNEL(ENFORCED_KERNEL_MODULES));
    struct deed deed = {.operation = ENFORCED_OP_CAPABILITY, .number = capability};
    struct verdict verdict = {.cell = capability_cell(&subject, capability)};
    const __u64 modules = modules_cell(&subject, capability);

    if (ENFORCED_CELL_HIGH(modules) > ENFORCED_CELL_HIGH(verdict.cell)) {
        verdict.cell = modules;
        deed.operation = ENFORCED_OP_KERNEL_MODULES;
        deed.number = ENFORCED_LOADS_MODULE;
    }
    if (!ENFORCED_CELL_HIGH(verdict.cell) || for_itself(cred))
        return 0;
    if (options & CAP_OPT_NOAUDIT)
        return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict.cell)) ? -ENFORCED_EPERM : 0;
    if (namespace->parent)
        verdict.flags |= ENFORCED_EVENT_USER_NAMESPACE;
    return report_deed(&subject, &verdict, &deed);
}
