/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who acts: from the current task to the set of rules that holds for it.
 *
 * A task is governed from the moment that it comes into a governed unit's cgroup, first asks for anything
 * there, or is forked by a governed task, and stays so wherever it moves: its label is sticky, and says the
 * unit. A task that is not governed keeps that answer for as long as it stays in the same cgroup and the same
 * generation of rules is in force. */
#ifndef ENFORCED_LIB_SUBJECT_H
#define ENFORCED_LIB_SUBJECT_H

#include "unit.h"

struct subject {
    __u64 unit;
    __u64 root;
    __u64 root_mount;
    __u32 set_id;
    __u32 generation;
    const struct enforced_set* set;
    const __u64* bank;
    struct enforced_label* label;
};

/* Whether a task is at work for PID 1. A helper that the manager's child forked, such as (sd-pam), may
 * outlive that phase in the unit's cgroup, where the unit could take it over: it is exempt only as long as
 * its maker is. */
static __always_inline bool in_managers_phase(const struct enforced_label* label) {
    __u64 launch = label->launch;

    if (label->phase == ENFORCED_PAYLOAD)
        return false;
    return !label->helper || bpf_map_lookup_elem(&launches, &launch);
}

/* What has been exec'ed, as far as it matters to the manager's phase. */
enum executed { EXECUTED_PAYLOAD = 1, EXECUTED_EXECUTOR, EXECUTED_DAEMON };

/* What an exec makes of a task in the manager's phase. The executor's counts once, and only of a child that
 * PID 1 itself forked. */
static __always_inline void take_exec(struct enforced_label* label, __u32 executed) {
    __u64 launch = label->launch;

    if (executed == EXECUTED_EXECUTOR && label->phase == ENFORCED_FORKED && !label->helper) {
        label->phase = ENFORCED_EXECUTOR;
        return;
    }
    if (executed == EXECUTED_DAEMON && label->phase != ENFORCED_DAEMON && !label->helper)
        label->phase = ENFORCED_DAEMON;
    else
        label->phase = ENFORCED_PAYLOAD;
    if (!label->helper)
        bpf_map_delete_elem(&launches, &launch);
    label->helper = 0;
    label->root = 0;
    label->generation = 0;
}

/* map `execs`: on 6.1 with full preemption, a task's label cannot be had while another task is preempted
 * within the helper that fetches it. An exec at such a moment is noted there, and counts as soon as the label
 * is there again: else the unit's program would stay in the manager's phase, and free. */
static __always_inline void catch_up(struct enforced_label* label) {
    __u32 thread = bpf_get_current_pid_tgid();
    __u32* executed = bpf_map_lookup_elem(&execs, &thread);

    if (!executed)
        return;
    take_exec(label, *executed);
    bpf_map_delete_elem(&execs, &thread);
}

/* The set of the current task, whose label does not say it at once.
 *
 * In the manager's phase that is none, but the unit is remembered: pam_systemd has PID 1 move a service with
 * PAMName= into a session's scope before its program is exec'ed, and it is the service's program all the
 * same. */
ENFORCED_GLOBAL int identify(struct enforced_label* label) {
    struct task_struct* task = bpf_get_current_task_btf();
    struct enforced_control* control = get_control();
    struct enforced_unit* unit;
    __u32 generation, set = 0;
    bool managers;
    __u64 id = 0;

    if (!label || !control)
        return 0;
    /* Before the set is found: if another comes into force meanwhile, the label is out of date, and the next
     * hook asks again. */
    generation = *(volatile __u32*)&control->generation;
    barrier();
    if (label->phase != ENFORCED_PAYLOAD)
        catch_up(label);
    managers = in_managers_phase(label);
    if (!managers)
        label->phase = ENFORCED_PAYLOAD;
    if (label->unit) {
        id = label->unit;
        unit = bpf_map_lookup_elem(&units, &id);
        if (unit)
            set = unit_set(unit, control);
    }
    if (!set) {
        set = users_set((__u64)BPF_CORE_READ(task, cgroups, dfl_cgrp), &id);
        if (!set)
            set = cgroup_set((__u64)BPF_CORE_READ(task, cgroups, dfl_cgrp), &id);
        label->unit = id;
        label->root = 0;
    }
    if (managers)
        return 0;
    if (!label->root) {
        label->root = (__u64)BPF_CORE_READ(task, fs, root.dentry);
        label->root_mount = (__u64)BPF_CORE_READ(task, fs, root.mnt);
    }
    label->set = set;
    label->cgroup = bpf_get_current_cgroup_id();
    label->generation = generation;
    return set;
}

static __always_inline bool subject_of_set(struct subject* subject, __u32 set) {
    subject->set_id = set;
    subject->set = bpf_map_lookup_elem(&sets, &set);
    if (!subject->set)
        return false;
    subject->bank = get_bank(subject->set->bank);
    return subject->bank != 0;
}

static __always_inline void subject_of_label(struct subject* subject, const struct enforced_label* label) {
    subject->unit = label->unit;
    subject->root = label->root;
    subject->root_mount = label->root_mount;
    subject->generation = label->generation;
}

/* The subject without a label: out of memory, or (see catch_up()) another task has it locked. Goes by the
 * cgroup alone; what is left: a governed task that had been moved elsewhere is free for this call. */
static __noinline bool governed_by_cgroup(struct subject* subject) {
    struct enforced_label nothing = {};
    __u32 set = identify(&nothing);

    count(ENFORCED_STAT_STORAGE_FAILED);
    subject_of_label(subject, &nothing);
    return set && subject_of_set(subject, set);
}

/* The label of a task that has none yet. A thread that is the first of its process to be seen here may have
 * been moved with it: it takes over what is known of the leader. */
static __always_inline struct enforced_label* make_label(struct task_struct* task) {
    struct enforced_label* label = bpf_task_storage_get(&labels, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    struct enforced_label* leader;

    if (label && task->pid != task->tgid) {
        leader = bpf_task_storage_get(&labels, task->group_leader, 0, 0);
        if (leader)
            label->unit = leader->unit;
    }
    return label;
}

/* Whether the current task is governed, and by what. False also in the manager's phase. */
static __always_inline bool governed(const struct enforced_control* control, struct subject* subject) {
    struct task_struct* task = bpf_get_current_task_btf();
    struct enforced_label* label;
    __u32 set;

    if (!control->generation)
        return false;
    label = bpf_task_storage_get(&labels, task, 0, 0);
    if (!label) {
        if (task->tgid == 1 || task->flags & ENFORCED_PF_KTHREAD)
            return false;
        label = make_label(task);
    }
    subject->label = label;
    if (!label)
        return governed_by_cgroup(subject);
    if (label->phase == ENFORCED_PAYLOAD && label->generation == control->generation &&
        (label->set || label->cgroup == bpf_get_current_cgroup_id()))
        set = label->set;
    else if (label->phase == ENFORCED_DAEMON)
        return false;
    else
        set = identify(label);
    if (!set)
        return false;
    subject_of_label(subject, label);
    return subject_of_set(subject, set);
}

/* Whether this hook is to refuse because the canary asks: the daemon's probe, which learns from the refusal
 * that the hook is really asked. */
static __always_inline bool canary(struct enforced_control* control, __u32 hook) {
    if (!control->canary)
        return false;
    if (control->canary != (__u32)(bpf_get_current_pid_tgid() >> 32))
        return false;
    __sync_fetch_and_or(&control->fired[hook / 64], 1ULL << (hook % 64));
    return control->canary_hook == hook;
}

/* What every hook begins with: it keeps an earlier refusal, and answers the canary. */
#define ENFORCED_ENTER(hook, ret)                                                                            \
    struct enforced_control* control_ = get_control();                                                       \
    if (ret)                                                                                                 \
        return ret;                                                                                          \
    if (!control_)                                                                                           \
        return 0;                                                                                            \
    if (canary(control_, ENFORCED_HOOK_##hook)) {                                                            \
        return -ENFORCED_EOWNERDEAD;                                                                         \
    }

/* Begins a hook that guards the daemon: as below, but goes on whoever it is. subject.set is 0 where nobody
 * governs the task. */
#define ENFORCED_MEET(hook, ret, subject)                                                                    \
    struct subject subject = {};                                                                             \
    do {                                                                                                     \
        ENFORCED_ENTER(hook, ret)                                                                            \
        if (!governed(control_, &subject))                                                                   \
            subject.unit = 0, subject.set = 0;                                                               \
    } while (0)

/* Whether the task is governed by a set with one of these flags. Read from memory: see exchanges() in
 * directory.bpf.c. */
static __always_inline bool wants(const struct subject* subject, __u32 flags) {
    const struct enforced_set* set = *(const struct enforced_set* const volatile*)&subject->set;

    return set && set->flags & flags;
}

/* Begins a hook that refuses: leaves at once unless the task is governed by a set with one of the flags
 * `wanted`. */
#define ENFORCED_ANY_SET (~0U)
#define ENFORCED_BEGIN(hook, ret, subject, wanted)                                                           \
    struct subject subject;                                                                                  \
    do {                                                                                                     \
        ENFORCED_ENTER(hook, ret)                                                                            \
        if (!governed(control_, &subject))                                                                   \
            return 0;                                                                                        \
        if (!(subject.set->flags & (wanted)))                                                                \
            return 0;                                                                                        \
    } while (0)

#endif
