/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who acts: from the current task to the set of rules that holds for it.
 *
 * A task is governed from the moment that it first asks for anything in a governed unit's cgroup, or is
 * forked by a governed task, and stays so wherever it moves: its label is sticky, and says the unit. A task
 * that is not governed keeps that answer for as long as it stays in the same cgroup and the same generation
 * of rules is in force. */
#ifndef ENFORCED_LIB_SUBJECT_H
#define ENFORCED_LIB_SUBJECT_H

#include "automaton.h"
#include "maps.h"
#include "scratch.h"

struct subject {
    __u64 unit;
    __u64 root;
    __u64 root_mount;
    __u32 set_id;
    __u32 pad;
    const struct enforced_set* set;
    const __u64* bank;
    struct enforced_label* label;
};

/* The deepest slice in which a unit is found. systemd nests a slice for each dash of its name. */
#define ENFORCED_LEVELS_MAX 48

static __always_inline const __u64* get_bank(__u32 index) {
    struct enforced_bank* bank = bpf_map_lookup_elem(&banks, &index);

    return bank ? bank->cells : 0;
}

/* Runs an automaton of unit paths. Returns the low half of the accept cell: 0 where nothing matches. */
static __noinline __u32 match_unit(const struct enforced_unit* unit, __u32 bank_index,
                                   const struct enforced_dfa* where) {
    struct enforced_dfa dfa = *where;
    const __u64* bank = get_bank(bank_index);
    __u32 state = dfa.start;

    if (!bank || !state)
        return 0;
    for (__u32 i = 0; i < ENFORCED_UNIT_PATH_MAX; i++) {
        if (i >= unit->path_length)
            break;
        state = enforced_step(bank, &dfa, state, unit->path[i]);
    }
    return ENFORCED_CELL_LOW(enforced_accept(bank, &dfa, state));
}

/* The set in force for a unit. Found out once a generation, by whoever asks first: two tasks that ask at once
 * write the same. */
static __always_inline __u32 unit_set(struct enforced_unit* unit, const struct enforced_control* control) {
    const __u32 generation = control->generation;
    const struct enforced_names* names = &control->names[generation & 1];

    if (unit->generation != generation) {
        unit->set = match_unit(unit, names->bank, &names->dfa);
        if (unit->set) /* the automaton knows the index, whatever the parity */
            unit->set += (generation & 1) * ENFORCED_SETS;
        __sync_lock_test_and_set(&unit->generation, generation); /* a full barrier: `set` is seen first */
    }
    return unit->set;
}

/* Length of a cgroup's name, which is put into `name`; *slice says whether systemd reads it as a slice. */
static __always_inline __u32 read_cgroup_name(struct cgroup* cgroup, unsigned char* name, bool* slice) {
    long length = bpf_probe_read_kernel_str(name, ENFORCED_NAME_BYTES, BPF_CORE_READ(cgroup, kn, name));

    *slice = false;
    if (length <= 1 || length > ENFORCED_NAME_BYTES)
        return 0;
    length -= 1;
    if (length > 6) {
        const unsigned char* end = name + ((length - 6) & (ENFORCED_NAME_BYTES - 1));
        /* within the buffer for the verifier: scratch goes on behind `name` */
        *slice = end[0] == '.' && end[1] == 's' && end[2] == 'l' && end[3] == 'i' && end[4] == 'c' &&
                 end[5] == 'e';
    }
    return length;
}

static __always_inline bool is_slice(struct cgroup* cgroup) {
    struct scratch* scratch = get_scratch();
    bool slice = false;

    if (scratch)
        read_cgroup_name(cgroup, scratch->walk.name, &slice);
    return slice;
}

/* Finds the unit to which a cgroup belongs: the topmost cgroup that is not a slice, as systemd lays them out
 * (what is below it, the unit or its user made, and calls what it likes), or the slice itself if there is
 * none. Writes its path into scratch->unit. Returns its cgroup's id, 0 if there is no unit. */
static __noinline __u64 find_unit(struct cgroup* leaf, struct scratch* scratch) {
    struct enforced_unit* unit = &scratch->unit;
    struct cgroup *cgroup = leaf, *found = leaf, *parent;
    __u32 offset = ENFORCED_UNIT_PATH_MAX, length;
    bool slice;

    for (int i = 0; i < ENFORCED_LEVELS_MAX; i++) {
        if (!BPF_CORE_READ(cgroup, level))
            break;
        parent = BPF_CORE_READ(cgroup, self.parent, cgroup);
        read_cgroup_name(cgroup, scratch->walk.name, &slice);
        if (!slice)
            found = cgroup;
        cgroup = parent;
    }
    if (BPF_CORE_READ(cgroup, level)) /* deeper than we look; what is governed is inherited at cgroup_mkdir */
        return 0;

    cgroup = found;
    unit->name_offset = 0;
    for (int i = 0; i < ENFORCED_LEVELS_MAX; i++) {
        if (!BPF_CORE_READ(cgroup, level))
            break;
        length = read_cgroup_name(cgroup, scratch->walk.name, &slice);
        if (!length || length + 1 > offset)
            return 0;
        offset -= length + 1;
        /* The path grows from the end of `path`; a name is at most 255 bytes, and what lies behind `path` is
         * ours. */
        char* at = &unit->path[offset & (ENFORCED_UNIT_PATH_MAX - 1)];
        at[0] = '/';
        bpf_probe_read_kernel(at + 1, length & (ENFORCED_NAME_BYTES - 1), scratch->walk.name);
        if (!unit->name_offset)
            unit->name_offset = offset + 1;
        cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
    }
    if (offset >= ENFORCED_UNIT_PATH_MAX)
        return 0;

    /* Move it to the front. */
    length = ENFORCED_UNIT_PATH_MAX - offset;
    bpf_probe_read_kernel(scratch->event.object, length & (ENFORCED_UNIT_PATH_MAX - 1),
                          &unit->path[offset & (ENFORCED_UNIT_PATH_MAX - 1)]);
    __builtin_memcpy(unit->path, scratch->event.object, sizeof(unit->path));
    unit->path_length = length;
    unit->name_offset -= offset;
    unit->generation = 0;
    unit->set = 0;
    return BPF_CORE_READ(found, kn, id);
}

/* The set that holds in a cgroup, and its unit in *id. Enters both into the maps if they are governed and not
 * there: cgroup_mkdir has done so for what was made since we run, the daemon for what was there before. */
static __noinline __u32 cgroup_set(struct cgroup* cgroup, const struct enforced_control* control, __u64* id) {
    struct enforced_cgroup entry = {};
    struct enforced_cgroup* known;
    struct enforced_unit* unit;
    struct scratch* scratch;
    __u64 cgroup_id = BPF_CORE_READ(cgroup, kn, id);
    __u32 set;

    known = bpf_map_lookup_elem(&cgroups, &cgroup_id);
    if (known) {
        *id = known->unit;
        unit = bpf_map_lookup_elem(&units, id);
        if (unit)
            return unit_set(unit, control);
    }
    scratch = get_scratch();
    if (!scratch) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return 0;
    }
    entry.unit = find_unit(cgroup, scratch);
    *id = entry.unit;
    if (!entry.unit)
        return 0;
    unit = bpf_map_lookup_elem(&units, &entry.unit);
    set = unit_set(unit ? unit : &scratch->unit, control);
    if (set) {
        if (!unit && bpf_map_update_elem(&units, &entry.unit, &scratch->unit, BPF_NOEXIST))
            count(ENFORCED_STAT_UNITS_FULL);
        if (bpf_map_update_elem(&cgroups, &cgroup_id, &entry, BPF_ANY))
            count(ENFORCED_STAT_UNITS_FULL);
    }
    return set;
}

static __always_inline bool in_managers_phase(const struct enforced_label* label) {
    __u64 launch = label->launch;

    if (label->phase == ENFORCED_PAYLOAD)
        return false;
    /* A helper that the manager's child forked, such as (sd-pam), may outlive that phase in the unit's
     * cgroup, where the unit could take it over: it is exempt only as long as its maker is. */
    return !label->helper || bpf_map_lookup_elem(&launches, &launch);
}

static __always_inline void remember_root(struct enforced_label* label, struct task_struct* task) {
    label->root = (__u64)BPF_CORE_READ(task, fs, root.dentry);
    label->root_mount = (__u64)BPF_CORE_READ(task, fs, root.mnt);
}

/* The set of a task whose label does not say it at once, or is missing. */
static __noinline __u32 identify(struct task_struct* task, const struct enforced_control* control,
                                 struct enforced_label* label) {
    struct enforced_unit* unit;
    __u64 id = 0;
    __u32 set = 0;

    if (label->phase != ENFORCED_PAYLOAD) {
        if (in_managers_phase(label))
            return 0;
        label->phase = ENFORCED_PAYLOAD;
        label->unit = 0;
    }
    if (label->unit) {
        id = label->unit;
        unit = bpf_map_lookup_elem(&units, &id);
        if (unit)
            set = unit_set(unit, control);
    }
    if (!set) {
        set = cgroup_set(task->cgroups->dfl_cgrp, control, &id);
        label->unit = set ? id : 0;
        if (set)
            remember_root(label, task);
    }
    label->set = set;
    label->cgroup = bpf_get_current_cgroup_id();
    label->generation = control->generation;
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
        label = bpf_task_storage_get(&labels, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
        if (!label) {
            /* Out of memory, or (6.1, full preemption) another task was preempted within this very helper. Go
             * by the cgroup alone; what is left: a governed task that had been moved elsewhere is free for
             * this call. */
            struct enforced_label nothing = {};

            count(ENFORCED_STAT_STORAGE_FAILED);
            set = identify(task, control, &nothing);
            subject->unit = nothing.unit;
            subject->root = nothing.root;
            subject->root_mount = nothing.root_mount;
            subject->label = 0;
            return set && subject_of_set(subject, set);
        }
    }
    if (label->phase == ENFORCED_PAYLOAD && label->generation == control->generation &&
        (label->unit || label->cgroup == bpf_get_current_cgroup_id()))
        set = label->set;
    else
        set = identify(task, control, label);
    if (!set)
        return false;
    subject->unit = label->unit;
    subject->root = label->root;
    subject->root_mount = label->root_mount;
    subject->label = label;
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

/* Begins a hook that refuses: keeps an earlier refusal, answers the canary, and leaves at once unless the
 * task is governed by a set with one of the flags `wanted`. */
#define ENFORCED_BEGIN(hook, ret, subject, wanted)                                                           \
    struct subject subject;                                                                                  \
    do {                                                                                                     \
        struct enforced_control* control_ = get_control();                                                   \
        if (ret)                                                                                             \
            return ret;                                                                                      \
        if (!control_)                                                                                       \
            return 0;                                                                                        \
        if (canary(control_, ENFORCED_HOOK_##hook))                                                          \
            return -ENFORCED_EOWNERDEAD;                                                                     \
        if (!governed(control_, &subject))                                                                   \
            return 0;                                                                                        \
        if (!(subject.set->flags & (wanted)))                                                                \
            return 0;                                                                                        \
    } while (0)

#endif
