/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who acts: from the current task to the set of rules that holds for it.
 *
 * A task is governed from the moment that it comes into a governed unit's cgroup, first asks for anything
 * there, or is forked by a governed task, and stays so wherever it moves: its label is sticky, and says the
 * unit. A task that is not governed keeps that answer for as long as it stays in the same cgroup and the same
 * generation of rules is in force. */
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
    __u32 generation;
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

struct unit_matching {
    const struct enforced_unit* unit;
    struct enforced_dfa dfa;
    __u32 bank;
    __u32 state;
};

#define ENFORCED_UNIT_CHUNK 32

static long match_unit_chunk(__u32 index, struct unit_matching* matching) {
    const __u64* bank = get_bank(matching->bank);
    __u32 offset = index * ENFORCED_UNIT_CHUNK, state = matching->state;

    if (!bank)
        return 1;
    for (__u32 i = 0; i < ENFORCED_UNIT_CHUNK; i++) {
        if (offset + i >= matching->unit->path_length)
            break;
        state = enforced_step(bank, &matching->dfa, state,
                              matching->unit->path[(offset + i) & (ENFORCED_UNIT_PATH_MAX - 1)]);
    }
    matching->state = state;
    return 0;
}

/* Runs an automaton of unit paths. Returns the low half of the accept cell: 0 where nothing matches. */
ENFORCED_GLOBAL int match_unit(const struct enforced_unit* unit, __u32 bank_index,
                               const struct enforced_dfa* dfa) {
    struct unit_matching matching = {.unit = unit, .bank = bank_index};
    const __u64* bank = get_bank(bank_index);

    if (!unit || !dfa || !bank || !dfa->start)
        return 0;
    matching.dfa = *dfa;
    matching.state = dfa->start;
    bpf_loop(ENFORCED_UNIT_PATH_MAX / ENFORCED_UNIT_CHUNK, match_unit_chunk, &matching, 0);
    return ENFORCED_CELL_LOW(enforced_accept(bank, &matching.dfa, matching.state));
}

/* The set in force for a unit. Found out once a generation, by whoever asks first. The answer and its
 * generation are one word: of two tasks that ask at once, one may have been held up since before a reload. */
static __always_inline __u32 unit_set(struct enforced_unit* unit, const struct enforced_control* control) {
    const __u32 generation = control->generation;
    const struct enforced_names* names = &control->names[generation & 1];
    __u64 found = *(volatile __u64*)&unit->found, set;

    if ((__u32)found != generation) {
        set = match_unit(unit, names->bank, &names->dfa);
        if (set)
            set += (generation & 1) * ENFORCED_SETS;
        found = set << 32 | generation;
        *(volatile __u64*)&unit->found = found;
    }
    return found >> 32;
}

/* A cgroup's name is put into scratch->text; its length is returned. *slice says whether systemd reads it as
 * a slice. */
static __always_inline __u32 read_cgroup_name(__u64 cgroup, struct scratch* scratch, bool* slice) {
    const char* name = BPF_CORE_READ((struct cgroup*)cgroup, kn, name);
    long length = bpf_probe_read_kernel_str(scratch->text.bytes, ENFORCED_NAME_BYTES, name);
    __u64 end = 0;

    *slice = false;
    if (length <= 1 || length > ENFORCED_NAME_BYTES)
        return 0;
    length -= 1;
    if (length > 6) {
        bpf_probe_read_kernel(&end, 6, name + length - 6);
        *slice = end == 0x6563696c732eULL; /* ".slice", as a little-endian number */
    }
    return length;
}

/* Addresses are taken as arguments: within BPF_CORE_READ() a member of a structure of ours would count as the
 * kernel's. */
static __always_inline int cgroup_level(__u64 cgroup) {
    return BPF_CORE_READ((struct cgroup*)cgroup, level);
}

static __always_inline __u64 cgroup_id(__u64 cgroup) {
    return BPF_CORE_READ((struct cgroup*)cgroup, kn, id);
}

static __always_inline __u64 cgroup_parent(__u64 cgroup) {
    return (__u64)BPF_CORE_READ((struct cgroup*)cgroup, self.parent, cgroup);
}

struct unit_search {
    struct scratch* scratch;
    __u64 cgroup;
    __u64 found;
    __u32 offset; /* of the path, which grows from the end of unit.path */
    __u32 failed;
};

static long search_up(__u32 index, struct unit_search* search) {
    bool slice;

    if (!cgroup_level(search->cgroup))
        return 1;
    read_cgroup_name(search->cgroup, search->scratch, &slice);
    if (!slice)
        search->found = search->cgroup;
    search->cgroup = cgroup_parent(search->cgroup);
    return 0;
}

static long write_path(__u32 index, struct unit_search* search) {
    struct scratch* scratch = search->scratch;
    bool slice;
    __u32 length;

    if (!cgroup_level(search->cgroup))
        return 1;
    length = read_cgroup_name(search->cgroup, scratch, &slice);
    if (!length || length + 1 > search->offset) {
        search->failed = 1;
        return 1;
    }
    search->offset -= length + 1;
    /* A name is at most 255 bytes; what lies behind `path` in scratch is ours to overwrite. */
    char* at = &scratch->unit.path[search->offset & (ENFORCED_UNIT_PATH_MAX - 1)];
    at[0] = '/';
    bpf_probe_read_kernel(at + 1, length & (ENFORCED_NAME_BYTES - 1), scratch->text.bytes);
    if (!scratch->unit.name_offset)
        scratch->unit.name_offset = search->offset + 1;
    search->cgroup = cgroup_parent(search->cgroup);
    return 0;
}

/* Finds the unit to which scratch->cgroup belongs: the topmost cgroup that is not a slice, as systemd lays
 * them out (what is below it, the unit or its user made, and calls what it likes), or the slice itself if
 * there is none. Writes its path into scratch->unit. Returns its cgroup's id, 0 if there is no unit. */
ENFORCED_GLOBAL __u64 find_unit(struct scratch* scratch) {
    struct unit_search search = {};
    __u32 length;

    if (!scratch)
        return 0;
    search.scratch = scratch;
    search.cgroup = search.found = scratch->cgroup;
    search.offset = ENFORCED_UNIT_PATH_MAX;
    bpf_loop(ENFORCED_LEVELS_MAX, search_up, &search, 0);
    if (cgroup_level(search.cgroup))
        return 0; /* deeper than we look; what is in a governed unit is known from cgroup_mkdir */

    search.cgroup = search.found;
    scratch->unit.name_offset = 0;
    bpf_loop(ENFORCED_LEVELS_MAX, write_path, &search, 0);
    if (search.failed || search.offset >= ENFORCED_UNIT_PATH_MAX)
        return 0;

    /* Move it to the front. */
    length = ENFORCED_UNIT_PATH_MAX - search.offset;
    bpf_probe_read_kernel(scratch->event.object, length & (ENFORCED_UNIT_PATH_MAX - 1),
                          &scratch->unit.path[search.offset & (ENFORCED_UNIT_PATH_MAX - 1)]);
    bpf_probe_read_kernel(scratch->unit.path, sizeof(scratch->unit.path), scratch->event.object);
    scratch->unit.path_length = length;
    scratch->unit.name_offset -= search.offset;
    scratch->unit.found = 0;
    return cgroup_id(search.found);
}

/* The set that holds in the cgroup at an address; its unit is put into *id, 0 if it is not known. Enters both
 * into the maps if they are governed and not there: cgroup_mkdir has done so for what was made since we run,
 * the daemon for what was there before. A unit that is known and has no set is one that the daemon has
 * entered for the rules to come. */
ENFORCED_GLOBAL int cgroup_set(__u64 cgroup, __u64* id) {
    struct enforced_control* control = get_control();
    struct enforced_cgroup entry = {};
    struct enforced_cgroup* known;
    struct enforced_unit* unit;
    struct scratch* scratch;
    __u64 id_here;
    __u32 set;

    if (!id || !control)
        return 0;
    id_here = cgroup_id(cgroup);
    known = bpf_map_lookup_elem(&cgroups, &id_here);
    if (known) {
        entry.unit = known->unit;
        unit = bpf_map_lookup_elem(&units, &entry.unit);
        if (unit) {
            *id = entry.unit;
            return unit_set(unit, control);
        }
    }
    scratch = get_scratch();
    if (!scratch) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return 0;
    }
    scratch->cgroup = cgroup;
    entry.unit = find_unit(scratch);
    *id = 0;
    if (!entry.unit)
        return 0;
    unit = bpf_map_lookup_elem(&units, &entry.unit);
    if (unit)
        set = unit_set(unit, control);
    else
        set = unit_set(&scratch->unit, control);
    if (unit || set)
        *id = entry.unit;
    if (set) {
        if (!unit && bpf_map_update_elem(&units, &entry.unit, &scratch->unit, BPF_NOEXIST))
            count(ENFORCED_STAT_UNITS_FULL);
        if (bpf_map_update_elem(&cgroups, &id_here, &entry, BPF_ANY))
            count(ENFORCED_STAT_UNITS_FULL);
    }
    return set;
}

/* Whether a task is at work for PID 1. A helper that the manager's child forked, such as (sd-pam), may
 * outlive that phase in the unit's cgroup, where the unit could take it over: it is exempt only as long as
 * its maker is. */
static __always_inline bool in_managers_phase(const struct enforced_label* label) {
    __u64 launch = label->launch;

    if (label->phase == ENFORCED_PAYLOAD)
        return false;
    return !label->helper || bpf_map_lookup_elem(&launches, &launch);
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

/* The subject without a label: out of memory, or (6.1, full preemption) another task was preempted within the
 * very helper that would have fetched it. Goes by the cgroup alone; what is left: a governed task that had
 * been moved elsewhere is free for this call. */
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

/* Begins a hook that guards the daemon: as below, but goes on whoever it is. subject.set is 0 where nobody
 * governs the task. */
#define ENFORCED_MEET(hook, ret, subject)                                                                    \
    struct subject subject = {};                                                                             \
    do {                                                                                                     \
        struct enforced_control* control_ = get_control();                                                   \
        if (ret)                                                                                             \
            return ret;                                                                                      \
        if (!control_)                                                                                       \
            return 0;                                                                                        \
        if (canary(control_, ENFORCED_HOOK_##hook))                                                          \
            return -ENFORCED_EOWNERDEAD;                                                                     \
        if (!governed(control_, &subject))                                                                   \
            subject.unit = 0, subject.set = 0;                                                               \
    } while (0)

/* Whether the task is governed by a set with one of these flags. Read from memory: see exchanges() in
 * directory.bpf.c. */
static __always_inline bool wants(const struct subject* subject, __u32 flags) {
    const struct enforced_set* set = *(const struct enforced_set* const volatile*)&subject->set;

    return set && set->flags & flags;
}

/* Begins a hook that refuses: keeps an earlier refusal, answers the canary, and leaves at once unless the
 * task is governed by a set with one of the flags `wanted`. */
#define ENFORCED_ANY_SET (~0U)
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
