/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether something is done to the unit's own, or to others. */
#ifndef ENFORCED_LIB_TARGET_H
#define ENFORCED_LIB_TARGET_H

#include "subject.h"

/* The unit to which a cgroup belongs; 0: to none that is governed. */
static __always_inline __u64 unit_of_cgroup(__u64 id) {
    struct enforced_cgroup* known = bpf_map_lookup_elem(&cgroups, &id);

    return known ? known->unit : 0;
}

/* The unit to which another task belongs. One in the manager's phase belongs to none yet: who got hold of it
 * would be free of every rule. */
static __always_inline __u64 unit_of_task(struct task_struct* task) {
    struct enforced_label* label = bpf_task_storage_get(&labels, task, 0, 0);

    if (label && in_managers_phase(label))
        return 0;
    if (label && label->unit)
        return label->unit;
    return unit_of_cgroup(BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id));
}

static __always_inline bool is_own(const struct subject* subject, struct task_struct* task) {
    return unit_of_task(task) == subject->unit;
}

#endif
