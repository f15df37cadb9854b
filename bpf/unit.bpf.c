/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding tasks to units: who is governed, from when, and until when. One hook a line, and what it does:
 *
 *   cgroup_mkdir: a unit's cgroup, and each below it, is entered before any task can be in it
 *
 *   task_alloc: a child has its parent's label; what PID 1 forks is in the manager's phase
 *
 *   bprm_committed_creds: the manager's phase ends with the exec of the unit's own program
 *
 *   iter_task: whoever runs in a unit before its rules come into force is marked as the unit's
 *
 *   cgroup_attach_task: so is who is moved in; PID 1 may move a task into a unit that `release-to` names, and
 *   it is free then
 *
 *   sched_process_exit: ends the manager's phase of a child that never exec'ed
 */
#include "lib/executor.h"
#include "lib/subject.h"

char LICENSE[] SEC("license") = "GPL";

/* PID 1 makes the daemon's cgroup anew when it starts it: from then on that one counts. */
static __always_inline void notice_daemons(struct enforced_control* control, __u64 cgroup, __u64 id,
                                           __u64 parent_id) {
    char name[ENFORCED_DAEMON_NAME] = {};
    const char* own = control->daemon.name;

    if (!control->daemon.above[0] || parent_id != control->daemon.above[0] ||
        bpf_get_current_task_btf()->tgid != 1)
        return;
    bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ((struct cgroup*)cgroup, kn, name));
    for (__u32 i = 0; i < sizeof(name); i++) {
        if (name[i] != own[i])
            return;
        if (!name[i])
            break;
    }
    control->daemon.cgroup = id;
}

static __always_inline void enter_cgroup(__u64 id, const struct enforced_cgroup* entry) {
    if (bpf_map_update_elem(&cgroups, &id, entry, BPF_ANY))
        count(ENFORCED_STAT_UNITS_FULL);
}

/* Whether a cgroup made in a governed unit may be a unit of its own: that unit is a user's manager. */
static __always_inline bool may_be_users(const struct enforced_control* control, __u64 above) {
    struct enforced_unit* unit = bpf_map_lookup_elem(&units, &above);

    return control->names[control->generation & 1].user_units && unit && !unit->manager;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup* cgroup, const char* path) {
    struct enforced_control* control = get_control();
    struct cgroup* parent = BPF_CORE_READ(cgroup, self.parent, cgroup);
    __u64 id = BPF_CORE_READ(cgroup, kn, id), parent_id, unit = 0;
    struct enforced_cgroup* above;
    struct enforced_cgroup entry = {};
    struct scratch* scratch;
    bool slice, inherits = false;

    if (!control)
        return 0;
    canary(control, ENFORCED_HOOK_cgroup_mkdir);
    if (!control->generation)
        return 0;
    /* What is below a governed unit is the unit's, however deep and whatever it is called. */
    scratch = get_scratch();
    if (!scratch) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return 0;
    }
    parent_id = BPF_CORE_READ(parent, kn, id);
    notice_daemons(control, (__u64)cgroup, id, parent_id);
    above = bpf_map_lookup_elem(&cgroups, &parent_id);
    if (above) {
        entry.unit = above->unit;
        read_cgroup_name((__u64)parent, scratch, &slice);
        /* A governed slice is the unit only of what is in no unit below it. */
        inherits = entry.unit != parent_id || !slice;
        if (inherits && !may_be_users(control, entry.unit)) {
            enter_cgroup(id, &entry);
            return 0;
        }
    }
    scratch->cgroup = (__u64)cgroup;
    if (!users_set(as_number(&scratch->cgroup), &unit))
        cgroup_set(as_number(&scratch->cgroup), &unit);
    if (inherits) {
        if (unit)
            entry.unit = unit;
        enter_cgroup(id, &entry);
    }
    return 0;
}

SEC("lsm/task_alloc")
int BPF_PROG(task_alloc, struct task_struct* child, unsigned long clone_flags, int ret) {
    struct task_struct* parent = bpf_get_current_task_btf();
    struct enforced_control* control = get_control();
    struct enforced_label *label, *own;
    struct subject subject;
    __u32 leader = 1;
    __u64 launch;

    if (ret)
        return ret;
    if (!control)
        return 0;
    control->lsm = 1;
    if (canary(control, ENFORCED_HOOK_task_alloc))
        return -ENFORCED_EOWNERDEAD;
    if (parent->tgid == 1) {
        label = bpf_task_storage_get(&labels, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
        launch = bpf_ktime_get_ns();
        if (!label || bpf_map_update_elem(&launches, &launch, &leader, BPF_ANY)) {
            /* The child is not known as PID 1's: its unit's rules hold for the manager's work as well, and
             * the unit fails to start rather than run free. */
            count(ENFORCED_STAT_STORAGE_FAILED);
            return 0;
        }
        label->phase = ENFORCED_FORKED;
        label->launch = launch;
        return 0;
    }
    own = bpf_task_storage_get(&labels, parent, 0, 0);
    if (own && own->phase == ENFORCED_DAEMON) {
        label = bpf_task_storage_get(&labels, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
        if (label)
            label->phase = ENFORCED_DAEMON;
        return 0;
    }
    if (!governed(control, &subject) && (!own || (own->phase == ENFORCED_PAYLOAD && !own->unit)))
        return 0;
    own = bpf_task_storage_get(&labels, parent, 0, 0);
    if (!own)
        return -ENFORCED_EAGAIN;
    label = bpf_task_storage_get(&labels, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!label) { /* a child without a label could leave its policy by leaving the cgroup */
        count(ENFORCED_STAT_STORAGE_FAILED);
        return -ENFORCED_EAGAIN;
    }
    *label = *own;
    label->helper = own->phase != ENFORCED_PAYLOAD;
    return 0;
}

static __always_inline bool is_daemons(struct linux_binprm* bprm) {
    struct enforced_guard_key key = {.kind = ENFORCED_GUARD_FILE};
    __u32* bits;

    key.number = BPF_CORE_READ(bprm, file, f_inode, i_ino);
    key.device = BPF_CORE_READ(bprm, file, f_inode, i_sb, s_dev);
    bits = bpf_map_lookup_elem(&guards, &key);
    return bits && *bits & ENFORCED_GUARD_DAEMON;
}

static __always_inline __u32 what_is_executed(const struct enforced_control* control,
                                              struct linux_binprm* bprm) {
    if (is_executor(control, bprm))
        return EXECUTED_EXECUTOR;
    return is_daemons(bprm) ? EXECUTED_DAEMON : EXECUTED_PAYLOAD;
}

/* Whether a unit is one of a user's, and this its manager. What a manager forks for a unit of its user's is
 * that unit's from then on: what governs the manager governs the unit, too. */
static __always_inline bool is_manager_of(__u64 manager, __u64 id) {
    struct enforced_unit* unit = bpf_map_lookup_elem(&units, &id);

    return manager && unit && unit->manager == manager;
}

/* A task that its user's manager has made right in the cgroup of a unit (CLONE_INTO_CGROUP) passes no hook at
 * which it could become that unit's before this. */
static __always_inline void adopt_users(struct enforced_label* label) {
    __u64 here = bpf_get_current_cgroup_id();
    struct enforced_cgroup* known;

    if (!label->unit || here == label->cgroup)
        return;
    known = bpf_map_lookup_elem(&cgroups, &here);
    if (known && is_manager_of(label->unit, known->unit)) {
        label->unit = known->unit;
        label->generation = 0;
    }
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(bprm_committed_creds, struct linux_binprm* bprm) {
    struct task_struct* task = bpf_get_current_task_btf();
    struct enforced_control* control = get_control();
    struct enforced_label* label;
    __u32 thread = task->pid, executed;

    if (!control)
        return 0;
    canary(control, ENFORCED_HOOK_bprm_committed_creds);
    label = bpf_task_storage_get(&labels, task, 0, 0);
    if (label && label->phase == ENFORCED_PAYLOAD) {
        adopt_users(label);
        return 0;
    }
    if (!label && !BPF_CORE_READ(task, bpf_storage)) /* it has none, and nobody keeps it from us */
        return 0;
    executed = what_is_executed(control, bprm);
    if (!label) {
        if (executed == EXECUTED_DAEMON) /* not on a note's word: the daemon labels itself */
            executed = EXECUTED_PAYLOAD;
        if (bpf_map_update_elem(&execs, &thread, &executed, BPF_ANY))
            count(ENFORCED_STAT_STORAGE_FAILED);
        return 0;
    }
    take_exec(label, executed);
    if (control->generation && label->phase == ENFORCED_PAYLOAD)
        identify(label);
    return 0;
}

/* The set that holds now for the unit of a task; 0 if its unit is not known, or has none. */
static __always_inline __u32 set_of_label(const struct enforced_label* label,
                                          const struct enforced_control* control) {
    struct enforced_unit* unit;
    __u64 id;

    if (!label || !label->unit)
        return 0;
    id = label->unit;
    unit = bpf_map_lookup_elem(&units, &id);
    return unit ? unit_set(unit, control) : 0;
}

/* Marks a task that is in the cgroup with this id as its unit's, wherever it goes from there. One that is
 * another governed unit's stays that, though it did not ask for anything yet: it was moved here from there.
 * What PID 1 forked is marked when it asks for the first time. */
static __always_inline void mark(struct task_struct* task, __u64 cgroup,
                                 const struct enforced_control* control) {
    struct enforced_cgroup* known = bpf_map_lookup_elem(&cgroups, &cgroup);
    struct enforced_label* label;

    if (!known)
        return;
    label = bpf_task_storage_get(&labels, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!label) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return;
    }
    if (label->phase == ENFORCED_PAYLOAD &&
        (!set_of_label(label, control) || is_manager_of(label->unit, known->unit))) {
        label->unit = known->unit;
        label->generation = 0; /* its set is found out anew */
    }
}

SEC("iter/task")
int iter_task(struct bpf_iter__task* ctx) {
    struct enforced_control* control = get_control();
    struct task_struct* task = ctx->task;

    if (!task || !control)
        return 0;
    if (control->canary == (__u32)task->tgid)
        __sync_fetch_and_or(&control->fired[ENFORCED_HOOK_iter_task / 64],
                            1ULL << (ENFORCED_HOOK_iter_task % 64));
    if (task->tgid == 1)
        control->root = (__u64)BPF_CORE_READ(task, fs, root.dentry);
    if (task->tgid != 1 && !(task->flags & ENFORCED_PF_KTHREAD))
        mark(task, BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id), control);
    return 0;
}

/* The daemon has been moved, perhaps to where it could be killed with all who are in there. Nobody is asked
 * about that beforehand. A governed process that does it does nothing more; the daemon moves back. */
static __always_inline void punish_abduction(void) {
    struct enforced_label* label = bpf_task_storage_get(&labels, bpf_get_current_task_btf(), 0, 0);

    if (!label || label->phase != ENFORCED_PAYLOAD || !label->set)
        return;
    count(ENFORCED_STAT_DAEMON_MOVED);
    bpf_send_signal(9);
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup* destination, const char* path, struct task_struct* task,
             bool threadgroup) {
    struct enforced_control* control = get_control();
    const struct enforced_set* set;
    struct enforced_label* label;
    struct scratch* scratch;
    __u32 set_id;

    if (!control)
        return 0;
    canary(control, ENFORCED_HOOK_cgroup_attach_task);
    label = bpf_task_storage_get(&labels, task, 0, 0);
    if (label && label->phase == ENFORCED_DAEMON) {
        punish_abduction();
        return 0;
    }
    set_id = set_of_label(label, control);
    mark(task, cgroup_id((__u64)destination), control);
    if (!set_id)
        return 0;
    /* Only PID 1 releases. A thread of the process other than the leader is not seen here, and stays
     * governed. */
    if (!control->generation || bpf_get_current_task_btf()->tgid != 1)
        return 0;
    set = bpf_map_lookup_elem(&sets, &set_id);
    scratch = get_scratch();
    if (!set || !scratch)
        return 0;
    scratch->cgroup = (__u64)destination;
    if (find_unit(scratch) && match_unit(&scratch->unit, set->bank, &set->release)) {
        label->unit = 0;
        label->generation = 0; /* found out anew, by the cgroup where it is then */
        mark(task, cgroup_id((__u64)destination), control);
    }
    return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct* task) {
    struct enforced_control* control = get_control();
    struct enforced_label* label;
    __u32 thread = task->pid;
    __u64 launch;

    if (!control)
        return 0;
    canary(control, ENFORCED_HOOK_sched_process_exit);
    /* Whatever its label says: the next to have this number may be PID 1's child. Looked up first, as that is
     * soon done: the longer this runs, the likelier another task's end interrupts it, and is not seen. */
    if (bpf_map_lookup_elem(&execs, &thread))
        bpf_map_delete_elem(&execs, &thread);
    label = bpf_task_storage_get(&labels, task, 0, 0);
    if (!label || label->phase == ENFORCED_PAYLOAD || label->helper)
        return 0;
    launch = label->launch;
    bpf_map_delete_elem(&launches, &launch);
    return 0;
}
