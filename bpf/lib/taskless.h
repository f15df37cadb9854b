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

/* Counts and announces. `by_task`: the current task did it. */
static __always_inline void report_in_ring(const struct subject* subject, const struct verdict* verdict,
                                           __u32 operation, const struct endpoint* endpoint, bool by_task) {
    struct occasion occasion = on_endpoint(operation, endpoint);
    struct announcement announcement;
    struct enforced_event* event;

    if (!is_due(subject, verdict, &occasion, &announcement))
        return;
    /* Not before: what is reserved takes its room until it is read, and a flood of packets that are not
     * announced would leave none to others. */
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) { /* counted all the same */
        count(ENFORCED_STAT_EVENTS_LOST);
        return;
    }
    begin_event(event, subject, verdict, &occasion, &announcement);
    if (by_task)
        tell_task(event);
    describe_endpoint(event, endpoint);
    bpf_ringbuf_submit(event, 0);
}

static __noinline void report_endpoint_of_task(const struct subject* subject, const struct verdict* verdict,
                                               __u32 operation, const struct endpoint* endpoint) {
    report_in_ring(subject, verdict, operation, endpoint, true);
}

/* Programs that see packets may not even ask who is current: 6.1 has no such helpers for them. */
static __noinline void report_packet(const struct subject* subject, const struct verdict* verdict,
                                     __u32 operation, const struct endpoint* endpoint) {
    report_in_ring(subject, verdict, operation, endpoint, false);
}

/* A canary that cannot be known by the task marks its socket with its number. */
static __always_inline bool marked_canary(struct enforced_control* control, __u32 hook, __u32 mark) {
    if (!control->canary || control->canary != mark)
        return false;
    __sync_fetch_and_or(&control->fired[hook / 64], 1ULL << (hook % 64));
    return control->canary_hook == hook;
}

#endif
