/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which unit a cgroup belongs to, and which set of rules holds for that: from where it lies in the hierarchy.
 */
#ifndef ENFORCED_LIB_UNIT_H
#define ENFORCED_LIB_UNIT_H

#include "automaton.h"
#include "maps.h"
#include "scratch.h"

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

/* The state behind a chunk's first bytes, `length` of them or all. */
ENFORCED_GLOBAL int step_chunk(const struct enforced_bank* bank, const struct enforced_dfa* dfa, __u32 state,
                               const struct chunk* chunk, __u32 length) {
    if (!bank || !dfa || !chunk)
        return 0;
    for (__u32 i = 0; i < ENFORCED_CHUNK; i++) {
        if (i >= length)
            break;
        state = enforced_step(bank->cells, dfa, state, chunk->bytes[i]);
    }
    return state;
}

static long match_unit_chunk(__u32 index, struct unit_matching* matching) {
    const struct enforced_unit* unit = matching->unit;
    const struct enforced_bank* bank = bpf_map_lookup_elem(&banks, &matching->bank);
    const __u32 offset = index * ENFORCED_CHUNK;

    if (!bank || offset >= unit->path_length)
        return 1;
    matching->state = step_chunk(bank, &matching->dfa, matching->state,
                                 (const struct chunk*)&unit->path[offset & (ENFORCED_UNIT_PATH_MAX - 1)],
                                 unit->path_length - offset);
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
    bpf_loop(ENFORCED_UNIT_PATH_MAX / ENFORCED_CHUNK, match_unit_chunk, &matching, 0);
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

static long search_up(__u32 index, struct scratch** context) {
    struct unit_search* search = &(*context)->search;
    bool slice;

    if (!cgroup_level(search->cgroup))
        return 1;
    read_cgroup_name(search->cgroup, *context, &slice);
    if (!slice) {
        search->below = search->found;
        search->found = search->cgroup;
    }
    search->cgroup = cgroup_parent(search->cgroup);
    return 0;
}

static long write_path(__u32 index, struct scratch** context) {
    struct scratch* scratch = *context;
    struct unit_search* search = &scratch->search;
    bool slice;
    __u32 length;

    if (!cgroup_level(search->cgroup))
        return 1;
    length = read_cgroup_name(search->cgroup, scratch, &slice);
    if (!length || length + 1 > search->offset) {
        search->failed = 1;
        return 1;
    }
    if (search->cgroup == search->found) /* what is written already is the user's manager's */
        search->users = search->offset;
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

/* Writes the path of a cgroup into scratch->unit; search.found is the unit of PID 1's that it is, or is in.
 */
static __always_inline bool write_unit(struct scratch* scratch, __u64 cgroup) {
    struct unit_search* search = &scratch->search;
    __u32 length;

    search->cgroup = cgroup;
    search->offset = ENFORCED_UNIT_PATH_MAX;
    search->failed = 0;
    scratch->unit.name_offset = 0;
    bpf_loop(ENFORCED_LEVELS_MAX, write_path, &scratch, 0);
    if (search->failed || search->offset >= ENFORCED_UNIT_PATH_MAX)
        return false;

    /* Move it to the front. */
    length = ENFORCED_UNIT_PATH_MAX - search->offset;
    bpf_probe_read_kernel(scratch->event.object, length & (ENFORCED_UNIT_PATH_MAX - 1),
                          &scratch->unit.path[search->offset & (ENFORCED_UNIT_PATH_MAX - 1)]);
    bpf_probe_read_kernel(scratch->unit.path, sizeof(scratch->unit.path), scratch->event.object);
    scratch->unit.path_length = length;
    scratch->unit.name_offset -= search->offset;
    scratch->unit.found = 0;
    scratch->unit.manager = 0;
    if (cgroup != search->found) {
        scratch->unit.manager = cgroup_id(as_number(&search->found));
        scratch->unit.path[(search->users - search->offset) & (ENFORCED_UNIT_PATH_MAX - 1)] = '\n';
    }
    return true;
}

/* Begins to look for the unit to which scratch->cgroup belongs. */
static __always_inline bool search_unit(struct scratch* scratch) {
    struct unit_search* search = &scratch->search;

    search->cgroup = search->found = search->below = scratch->cgroup;
    bpf_loop(ENFORCED_LEVELS_MAX, search_up, &scratch, 0);
    /* deeper than we look; what is in a governed unit is known from cgroup_mkdir */
    return !cgroup_level(as_number(&search->cgroup));
}

/* Finds the unit to which scratch->cgroup belongs: the topmost cgroup that is not a slice, as systemd lays
 * them out (what is below it, the unit or its user made, and calls what it likes), or the slice itself if
 * there is none. Writes its path into scratch->unit. Returns its cgroup's id, 0 if there is no unit. */
ENFORCED_GLOBAL __u64 find_unit(struct scratch* scratch) {
    if (!scratch || !search_unit(scratch) || !write_unit(scratch, scratch->search.found))
        return 0;
    return cgroup_id(as_number(&scratch->search.found));
}

#define USER_MANAGER "user@"

/* Whether a unit of PID 1's is the manager of a user: /user.slice/user-UID.slice/user@UID.service. */
static __always_inline bool is_users_manager(__u64 cgroup) {
    char name[8] = {};

    bpf_probe_read_kernel(name, sizeof(USER_MANAGER) - 1, BPF_CORE_READ((struct cgroup*)cgroup, kn, name));
    for (__u32 i = 0; i < sizeof(USER_MANAGER); i++)
        if (name[i] != USER_MANAGER[i])
            return false;
    return cgroup_level(cgroup) == 3;
}

/* The same of the unit that a user's manager has there: the topmost cgroup below the manager's own that is
 * not a slice, or the slice itself. 0 if it is no user's. */
ENFORCED_GLOBAL __u64 find_user_unit(struct scratch* scratch) {
    if (!scratch || !search_unit(scratch))
        return 0;
    if (scratch->search.found == scratch->cgroup || !is_users_manager(as_number(&scratch->search.found)))
        return 0;
    return write_unit(scratch, scratch->search.below) ? cgroup_id(as_number(&scratch->search.below)) : 0;
}

/* The set in force for a unit that the map may know; else it is the one in scratch->unit. */
static __always_inline __u32 set_of_unit(__u64 id, struct scratch* scratch,
                                         const struct enforced_control* control) {
    struct enforced_unit* unit = bpf_map_lookup_elem(&units, &id);

    return unit ? unit_set(unit, control) : unit_set(&scratch->unit, control);
}

/* The same as cgroup_set() of a cgroup that belongs to a unit of a user's manager which has another set than
 * the manager's own unit, since a policy speaks of it; 0 for all others. Asked before that: what is found
 * there is entered for good. */
ENFORCED_GLOBAL int users_set(__u64 cgroup, __u64* id) {
    struct enforced_control* control = get_control();
    struct enforced_cgroup entry = {};
    struct scratch* scratch;
    __u64 here;
    __u32 of_manager, set;

    if (!id || !control || !control->names[control->generation & 1].user_units)
        return 0;
    here = cgroup_id(cgroup);
    if (bpf_map_lookup_elem(&cgroups, &here))
        return 0;
    scratch = get_scratch();
    if (!scratch)
        return 0;
    scratch->cgroup = cgroup;
    entry.unit = find_unit(scratch);
    if (!entry.unit)
        return 0;
    of_manager = set_of_unit(entry.unit, scratch, control);
    entry.unit = find_user_unit(scratch);
    if (!entry.unit)
        return 0;
    set = set_of_unit(entry.unit, scratch, control);
    if (set == of_manager)
        return 0;
    if (bpf_map_update_elem(&units, &entry.unit, &scratch->unit, BPF_NOEXIST) == -ENFORCED_E2BIG ||
        bpf_map_update_elem(&cgroups, &here, &entry, BPF_ANY))
        count(ENFORCED_STAT_UNITS_FULL);
    *id = entry.unit;
    return set;
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

#endif
