/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks: from an object up to the roots, and down again with the automaton.
 *
 * By name the way leads through the mounts, up to the root that the unit's program was exec'ed with. By
 * identity it leads to the root of the object's own file system, whatever is mounted where; on the way down
 * from there, where it meets a directory or file that the daemon has marked as an anchor, the automaton's
 * state behind that anchor's own name is taken up and followed. */
#ifndef ENFORCED_LIB_WALK_H
#define ENFORCED_LIB_WALK_H

#include "subject.h"

/* Addresses of the kernel's rename_lock and mount_lock, which the daemon puts here before it loads the
 * programs (see src/kernel/constants.hpp). Without them every name is unresolved. */
const volatile __u64 rename_lock __weak = 0;
const volatile __u64 mount_lock __weak = 0;

#define WALK_NAME 1
#define WALK_IDENTITY 2

static __always_inline __u32 sequence(__u64 lock) {
    __u32 value = 0;

    if (!lock || bpf_probe_read_kernel(&value, sizeof(value), (void*)lock))
        return 1; /* odd: as if something were changing all the time */
    return value;
}

/* How often a sequence number is looked at until nobody is changing anything: some milliseconds, in which
 * even who was preempted while it held the lock is done. */
#define ENFORCED_WAIT 16384U

struct waiting {
    __u64 lock;
    __u32 value;
};

static long wait_on(__u32 index, struct waiting* waiting) {
    waiting->value = sequence(waiting->lock);
    return !(waiting->value & 1);
}

/* The sequence number as soon as it is even; an odd one if that does not come. */
static __noinline __u32 settled(__u64 lock) {
    struct waiting waiting = {.lock = lock, .value = sequence(lock)};

    if (waiting.value & 1)
        bpf_loop(ENFORCED_WAIT, wait_on, &waiting, 0);
    return waiting.value;
}

static __always_inline __u64 mount_of(__u64 vfsmount) {
    return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

/* The three members of a dentry that a walk needs. They have been neighbours in every kernel so far, so that
 * one read fetches them; where they are not, three do. */
struct link {
    __u64 parent;
    __u32 hash;
    __u32 length;
    __u64 name;
    __u64 inode;
};

static __always_inline void read_link(struct link* link, __u64 address) {
    struct dentry* dentry = (void*)address;

    if (bpf_core_field_offset(struct dentry, d_name) == bpf_core_field_offset(struct dentry, d_parent) + 8 &&
        bpf_core_field_offset(struct dentry, d_inode) ==
            bpf_core_field_offset(struct dentry, d_parent) + 24 &&
        bpf_core_field_offset(struct qstr, len) == 4 && bpf_core_field_offset(struct qstr, name) == 8) {
        bpf_probe_read_kernel(link, sizeof(*link),
                              (void*)(address + bpf_core_field_offset(struct dentry, d_parent)));
    } else {
        link->parent = (__u64)BPF_CORE_READ(dentry, d_parent);
        link->length = BPF_CORE_READ(dentry, d_name.len);
        link->name = (__u64)BPF_CORE_READ(dentry, d_name.name);
        link->inode = (__u64)BPF_CORE_READ(dentry, d_inode);
    }
}

static __always_inline __u64 inode_number(__u64 inode) {
    return inode ? BPF_CORE_READ((struct inode*)inode, i_ino) : 0;
}

/* One step up by name: a component, or across a mount point. */
static long climb(__u32 index, struct scratch** context) {
    struct scratch* scratch = *context;
    struct walk* walk = &scratch->walk;
    struct link link = {};
    struct mount* mount;
    __u64 parent;

    if (walk->dentry == scratch->root && (walk->mount == scratch->root_mount || !scratch->root_mount)) {
        walk->resolved = 1;
        return 1;
    }
    if (walk->dentry == walk->mount_root) {
        mount = (void*)mount_of(walk->mount);
        parent = (__u64)BPF_CORE_READ(mount, mnt_parent);
        if (!walk->crossed) {
            walk->crossed = 1;
            walk->own = walk->count;
            walk->top = walk->dentry;
        }
        if (!parent || parent == (__u64)mount) {
            walk->resolved = scratch->top && walk->dentry == scratch->top;
            return 1;
        }
        walk->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
        walk->mount = parent + bpf_core_field_offset(struct mount, mnt);
        walk->mount_root = (__u64)BPF_CORE_READ((struct mount*)parent, mnt.mnt_root);
        return 0;
    }
    read_link(&link, walk->dentry);
    if (!link.parent ||
        link.parent == walk->dentry) /* the file system's root, but not this mount's: escaped */
        return 1;
    if (walk->count >= ENFORCED_DEPTH_MAX)
        return 1;
    struct component* component = &walk->components[walk->count & (ENFORCED_DEPTH_MAX - 1)];
    component->name = link.name;
    component->length = link.length;
    if (!walk->crossed && walk->mode & WALK_IDENTITY)
        component->ino = inode_number(link.inode);
    walk->count++;
    walk->dentry = link.parent;
    return 0;
}

/* One step up within the file system, from the root of a mount to the root of all. */
static long rise(__u32 index, struct scratch** context) {
    struct walk* walk = &(*context)->walk;
    struct component* component = &walk->over[index & (ENFORCED_DEPTH_MAX - 1)];
    struct link link = {};

    read_link(&link, walk->top);
    component->ino = inode_number(link.inode);
    if (!link.parent || link.parent == walk->top)
        return 1;
    component->name = link.name;
    component->length = link.length;
    walk->above = index + 1;
    walk->top = link.parent;
    return 0;
}

/* The state behind a text that is no path. */
ENFORCED_GLOBAL int step_text(const struct enforced_bank* bank, const struct enforced_dfa* dfa,
                              const struct text* text, __u32 length) {
    __u32 state;

    if (!bank || !dfa || !text)
        return 0;
    state = dfa->start;
    for (__u32 i = 0; i < ENFORCED_NAME_BYTES / ENFORCED_CHUNK; i++) {
        if (i * ENFORCED_CHUNK >= length)
            break;
        state = step_chunk(bank, dfa, state, &text->chunks[i], length - i * ENFORCED_CHUNK);
    }
    return state;
}

/* Adds a state by identity. */
static __always_inline void take_up(struct scratch* scratch, __u32 state) {
    struct name* name = &scratch->name;

    if (state == name->identity[0] || state == name->identity[1])
        return;
    if (!name->identity[0])
        name->identity[0] = state;
    else if (!name->identity[1])
        name->identity[1] = state;
    else
        scratch->walk.confused = 1;
}

/* Takes up the anchor of an inode, if it is one. */
static __always_inline void meet(struct scratch* scratch, __u64 ino) {
    struct enforced_anchor_key key = {.ino = ino, .dev = scratch->object.dev, .set = scratch->set};
    struct enforced_anchor* anchor = bpf_map_lookup_elem(&anchors, &key);

    if (anchor)
        take_up(scratch, anchor->state);
}

/* Follows a piece of a name by the states that `mode` asks for. States that are equal stay so: they are
 * followed once. */
static __always_inline void follow_chunk(struct scratch* scratch, const struct enforced_bank* bank,
                                         const struct chunk* chunk, __u32 length, __u32 mode) {
    struct name* name = &scratch->name;
    const __u32 before = name->state;

    if (mode & WALK_NAME)
        name->state = step_chunk(bank, &scratch->paths, before, chunk, length);
    if (!(mode & WALK_IDENTITY))
        return;
    for (int i = 0; i < 2; i++) {
        if (!name->identity[i])
            continue;
        if (mode & WALK_NAME && name->identity[i] == before)
            name->identity[i] = name->state;
        else
            name->identity[i] = step_chunk(bank, &scratch->paths, name->identity[i], chunk, length);
    }
}

/* Follows one component, and what stands before it. */
ENFORCED_GLOBAL int follow(struct scratch* scratch, __u64 text, __u32 length, __u64 ino, __u32 mode) {
    struct enforced_bank* bank;
    __u32 index;

    if (!scratch)
        return 0;
    index = scratch->bank;
    bank = bpf_map_lookup_elem(&banks, &index);
    if (!bank)
        return 0;
    if (length >= ENFORCED_NAME_BYTES)
        length = ENFORCED_NAME_BYTES - 1;
    scratch->text.bytes[0] = '/';
    bpf_probe_read_kernel(scratch->text.bytes + 1, length & (ENFORCED_NAME_BYTES - 1), (void*)text);
#pragma clang loop unroll(disable) /* there is little left of the stack here */
    for (__u32 i = 0; i < ENFORCED_NAME_BYTES / ENFORCED_CHUNK; i++) {
        if (i * ENFORCED_CHUNK > length)
            break;
        follow_chunk(scratch, bank, &scratch->text.chunks[i], length + 1 - i * ENFORCED_CHUNK, mode);
    }
    if (mode & WALK_IDENTITY)
        meet(scratch, ino);
    return 0;
}

/* One step down. */
static long descend(__u32 index, struct scratch** context) {
    struct scratch* scratch = *context;
    struct component* component =
        &scratch->walk.components[(scratch->walk.begin - 1 - index) & (ENFORCED_DEPTH_MAX - 1)];

    follow(scratch, component->name, component->length, component->ino, scratch->walk.mode);
    return 0;
}

static long descend_over(__u32 index, struct scratch** context) {
    struct scratch* scratch = *context;
    struct component* component =
        &scratch->walk.over[(scratch->walk.begin - 1 - index) & (ENFORCED_DEPTH_MAX - 1)];

    follow(scratch, component->name, component->length, component->ino, WALK_IDENTITY);
    return 0;
}

/* Collects the components from a dentry, as it is reached through a mount, up to where names begin. */
static __always_inline void climb_from(struct scratch* scratch, __u64 dentry, __u64 mount, __u32 mode) {
    struct walk* walk = &scratch->walk;

    walk->dentry = dentry;
    walk->mount = mount;
    walk->mount_root = mount ? (__u64)BPF_CORE_READ((struct vfsmount*)mount, mnt_root) : 0;
    walk->count = 0;
    walk->above = 0;
    walk->crossed = 0;
    walk->resolved = 0;
    walk->confused = 0;
    walk->mode = mode;
    bpf_loop(2 * ENFORCED_DEPTH_MAX, climb, &scratch, 0);
    if (!walk->crossed) {
        walk->own = walk->count;
        walk->top = walk->dentry;
    }
}

/* The states behind the name of an existing object, by a walk to the roots and back, into scratch->name.
 * Returns whether it was read in one piece: nothing was renamed or mounted meanwhile. */
ENFORCED_GLOBAL int walk_to(struct scratch* scratch, __u64 dentry, __u64 mount) {
    __u32 mode;
    struct walk* walk;
    struct name* name;

    if (!scratch)
        return 0;
    walk = &scratch->walk;
    name = &scratch->name;
    walk->renames = settled(rename_lock);
    walk->mounts = settled(mount_lock);
    mode = scratch->by_identity ? WALK_NAME | WALK_IDENTITY : WALK_NAME;
    name->state = scratch->paths.start;
    name->identity[0] = name->identity[1] = 0;
    climb_from(scratch, dentry, mount, mode);

    if (walk->count > walk->own) { /* names above the object's mount: they are no part of its identity */
        walk->mode = WALK_NAME;
        walk->begin = walk->count;
        bpf_loop(walk->count - walk->own, descend, &scratch, 0);
    }
    if (scratch->by_identity) {
        bpf_loop(ENFORCED_DEPTH_MAX, rise, &scratch, 0);
        meet(scratch, walk->over[walk->above & (ENFORCED_DEPTH_MAX - 1)].ino);
        walk->begin = walk->above;
        bpf_loop(walk->above, descend_over, &scratch, 0);
    }
    walk->mode = mode;
    walk->begin = walk->own;
    bpf_loop(walk->own, descend, &scratch, 0);
    name->resolved = walk->resolved && !walk->confused;
    return !((walk->renames | walk->mounts) & 1) && sequence(rename_lock) == walk->renames &&
           sequence(mount_lock) == walk->mounts;
}

#endif
