/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging the network without a task's label: by the unit of a cgroup, or of a socket. The current task may
 * be anybody. Events are built in the ring itself: there is no scratch, and which program it was is not said.
 */
#ifndef ENFORCED_LIB_TASKLESS_H
#define ENFORCED_LIB_TASKLESS_H

#include "network.h"

static __always_inline bool governed_unit(const struct enforced_control* control, struct subject* subject,
                                          __u64 id) {
    struct enforced_unit* unit = bpf_map_lookup_elem(&units, &id);
    __u32 set;

    if (!unit)
        return false;
    subject->unit = id;
    subject->label = 0;
    set = unit_set(unit, control);
    return set && subject_of_set(subject, set);
}

static __always_inline bool governed_cgroup(const struct enforced_control* control, struct subject* subject,
                                            __u64 cgroup) {
    struct enforced_cgroup* entry;

    if (!control->generation)
        return false;
    entry = bpf_map_lookup_elem(&cgroups, &cgroup);
    return entry && governed_unit(control, subject, entry->unit);
}

static __always_inline void leave_out_task(struct enforced_event* event) {
    event->pid = event->tid = event->uid = event->gid = 0;
    __builtin_memset(event->comm, 0, sizeof(event->comm));
}

/* Counts and announces. `by_task`: the current task did it. */
static __noinline void report_without_task(const struct subject* subject, const struct verdict* verdict,
                                           __u32 operation, const struct endpoint* endpoint, bool by_task) {
    struct occasion occasion = on_endpoint(operation, endpoint);
    struct enforced_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

    if (!event) { /* counted all the same */
        count_rule(subject->unit, rule_id(subject, verdict->cell), ENFORCED_CELL_HIGH(verdict->cell));
        count(ENFORCED_STAT_EVENTS_LOST);
        return;
    }
    if (!account(subject, verdict, &occasion, event)) {
        bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
        return;
    }
    if (!by_task)
        leave_out_task(event);
    describe_endpoint(event, endpoint);
    bpf_ringbuf_submit(event, 0);
}

#endif
