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
    const struct link_name* name = matching->name;
    const struct enforced_bank* bank = bpf_map_lookup_elem(&banks, &matching->bank);
    const __u32 offset = index * ENFORCED_CHUNK;

    if (!bank || offset >= name->length)
        return 1;
    matching->state = step_chunk(bank, &matching->dfa, matching->state,
                                 (const struct chunk*)&name->path[offset & (ENFORCED_LINK_PATH_MAX - 1)],
                                 name->length - offset);
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
    bpf_loop(ENFORCED_LINK_PATH_MAX / ENFORCED_CHUNK, match_link_chunk, &matching, 0);
    take_up(scratch, matching.state);
    return 0;
}

#endif
