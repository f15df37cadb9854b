/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that have more than one name. */
#ifndef ENFORCED_LIB_LINK_H
#define ENFORCED_LIB_LINK_H

#include "walk.h"

/* map `links`: files that were given another name since we run, by whomever, and a name that they had before.
 * What was linked earlier, the daemon finds and makes an anchor of. */
struct link_key {
    __u64 ino;
    __u32 dev;
    __u32 pad;
};
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, struct link_key);
    __type(value, struct link_name);
} links SEC(".maps") __weak;

struct link_matching {
    const struct link_name* name;
    struct enforced_dfa dfa;
    __u32 bank;
    __u32 state;
};

static long match_link_chunk(__u32 index, struct link_matching* matching) {
    const __u64* bank = get_bank(matching->bank);
    __u32 offset = index * ENFORCED_UNIT_CHUNK, state = matching->state;

    if (!bank)
        return 1;
    for (__u32 i = 0; i < ENFORCED_UNIT_CHUNK; i++) {
        if (offset + i >= matching->name->length)
            break;
        state = enforced_step(bank, &matching->dfa, state,
                              matching->name->path[(offset + i) & (ENFORCED_LINK_PATH_MAX - 1)]);
    }
    matching->state = state;
    return 0;
}

/* Takes up the name that scratch->object had before it was given another one. */
ENFORCED_GLOBAL int meet_link(struct scratch* scratch) {
    struct link_matching matching = {};
    struct link_key key = {};

    if (!scratch)
        return 0;
    key.ino = scratch->object.ino;
    key.dev = scratch->object.dev;
    matching.name = bpf_map_lookup_elem(&links, &key);
    if (!matching.name)
        return 0;
    matching.dfa = scratch->paths;
    matching.bank = scratch->bank;
    matching.state = scratch->paths.start;
    bpf_loop(ENFORCED_LINK_PATH_MAX / ENFORCED_UNIT_CHUNK, match_link_chunk, &matching, 0);
    take_up(scratch, matching.state);
    return 0;
}

#endif
