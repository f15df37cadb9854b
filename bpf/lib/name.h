/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an object is called, and what it is.
 *
 * The name is that under which the unit sees the object from its own root: the walk goes up from the object,
 * through the mounts, to the root that the unit's program was exec'ed with. A walk that ends elsewhere (a
 * detached mount, a disconnected handle, another namespace, too many components) has no name, and the caller
 * refuses.
 *
 * The identity is found on the way from the root of the object's file system down to it, whatever is mounted
 * where: where that path meets a directory or file that the daemon has marked as an anchor, the automaton's
 * state after that anchor's own name is taken up and followed from there.
 *
 * The walk reads without locks. rename_lock's and mount_lock's sequence numbers are sampled before and
 * compared after: a name that was pieced together from two moments is not used. */
#ifndef ENFORCED_LIB_NAME_H
#define ENFORCED_LIB_NAME_H

#include "subject.h"

/* Addresses of the kernel's rename_lock and mount_lock, which the daemon reads from /proc/kallsyms before it
 * loads the programs. Without them no name can be trusted: 0 makes every name unresolved, and the canary's
 * open is refused. */
const volatile __u64 rename_lock __weak = 0;
const volatile __u64 mount_lock __weak = 0;

/* The automaton's states for an object. */
struct name {
    __u32 state;
    __u32 identity[2];
    __u32 resolved;
};

/* map `directories`: where the automaton stands behind a directory's name. The name of what lies directly in
 * a known directory is exact, so hard links and renames of files cannot make an entry wrong; any rename or
 * change of mounts anywhere changes a sequence number, and with it makes all entries miss. A dentry's or
 * mount's address may be used anew: the inode's number and generation tell apart what got the same address.
 */
struct directory_key {
    __u64 dentry;
    __u64 mount;
    __u64 ino;
    __u64 root;
    __u32 inode_generation;
    __u32 set;
    __u32 generation; /* of rules */
    __u32 pad;
};
struct directory {
    __u32 renames;
    __u32 mounts;
    __u32 state;
    __u32 identity[2];
    __u32 pad;
};
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, struct directory_key);
    __type(value, struct directory);
} directories SEC(".maps") __weak;

#define WALK_NAME 1
#define WALK_IDENTITY 2

/* How often a name is read anew when something was renamed under way. */
#define ENFORCED_TRIES 4

static __always_inline __u32 sequence(__u64 lock) {
    __u32 value = 0;

    if (!lock || bpf_probe_read_kernel(&value, sizeof(value), (void*)lock))
        return 1; /* odd: as if something were changing all the time */
    return value;
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
static long climb(__u32 index, struct walk* walk) {
    struct link link = {};
    struct mount* mount;
    __u64 parent;

    if (walk->dentry == walk->root && walk->mount == walk->root_mount) {
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
        if (!parent || parent == (__u64)mount)
            return 1;
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
static long rise(__u32 index, struct walk* walk) {
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

static __noinline __u32 run_name(const __u64* bank, const struct enforced_dfa* dfa, __u32 state,
                                 const unsigned char* name, __u32 length) {
    state = enforced_step(bank, dfa, state, '/');
    for (__u32 i = 0; i < ENFORCED_NAME_BYTES; i++) {
        if (i >= length)
            break;
        state = enforced_step(bank, dfa, state, name[i]);
    }
    return state;
}

/* Takes up the anchor of an inode, if it is one. */
static __always_inline void meet(struct walk* walk, __u64 ino) {
    struct enforced_anchor_key key = {.ino = ino, .dev = walk->dev, .set = walk->set};
    struct enforced_anchor* anchor = bpf_map_lookup_elem(&anchors, &key);

    if (!anchor || anchor->state == walk->identity[0] || anchor->state == walk->identity[1])
        return;
    if (!walk->identity[0])
        walk->identity[0] = anchor->state;
    else if (!walk->identity[1])
        walk->identity[1] = anchor->state;
    else
        walk->confused = 1;
}

/* Follows one component by the states that `mode` asks for. States that are equal stay so: they are followed
 * once. */
static __always_inline void follow(struct walk* walk, const __u64* bank, __u64 name, __u32 length,
                                   __u64 ino) {
    struct enforced_dfa dfa = walk->dfa;
    __u32 before = walk->state;

    if (length >= ENFORCED_NAME_BYTES)
        length = ENFORCED_NAME_BYTES - 1;
    bpf_probe_read_kernel(walk->name, length & (ENFORCED_NAME_BYTES - 1), (void*)name);
    if (walk->mode & WALK_NAME)
        walk->state = run_name(bank, &dfa, walk->state, walk->name, length);
    if (!(walk->mode & WALK_IDENTITY))
        return;
    for (int i = 0; i < 2; i++) {
        if (!walk->identity[i])
            continue;
        if (walk->mode & WALK_NAME && walk->identity[i] == before)
            walk->identity[i] = walk->state;
        else
            walk->identity[i] = run_name(bank, &dfa, walk->identity[i], walk->name, length);
    }
    meet(walk, ino);
}

/* One step down, along components[begin - 1 - index]. */
static long descend(__u32 index, struct walk* walk) {
    struct component* component = &walk->components[(walk->begin - 1 - index) & (ENFORCED_DEPTH_MAX - 1)];
    const __u64* bank = get_bank(walk->bank);

    if (!bank)
        return 1;
    follow(walk, bank, component->name, component->length, component->ino);
    return 0;
}

static long descend_over(__u32 index, struct walk* walk) {
    struct component* component = &walk->over[(walk->begin - 1 - index) & (ENFORCED_DEPTH_MAX - 1)];
    const __u64* bank = get_bank(walk->bank);

    if (!bank)
        return 1;
    follow(walk, bank, component->name, component->length, component->ino);
    return 0;
}

/* Sets out for a dentry as it is reached through a mount. */
static __always_inline void set_out(struct walk* walk, const struct subject* subject, __u64 dentry,
                                    __u64 mount) {
    walk->dentry = dentry;
    walk->mount = mount;
    walk->mount_root = mount ? (__u64)BPF_CORE_READ((struct vfsmount*)mount, mnt_root) : 0;
    walk->root = subject->root;
    walk->root_mount = subject->root_mount;
    walk->top = dentry;
    walk->own = 0;
    walk->count = 0;
    walk->above = 0;
    walk->crossed = 0;
    walk->resolved = 0;
}

/* The states behind a directory's (or any existing object's) name, by a walk from it to the roots and back.
 */
static __noinline void walk_to(struct scratch* scratch, const struct subject* subject, __u64 dentry,
                               __u64 mount) {
    const bool identity = subject->set->flags & ENFORCED_SET_IDENTITY;
    struct walk* walk = &scratch->walk;
    struct component* last;

    set_out(walk, subject, dentry, mount);
    walk->bank = subject->set->bank;
    walk->set = subject->set_id;
    walk->dfa = subject->set->paths;
    walk->state = walk->dfa.start;
    walk->identity[0] = walk->identity[1] = 0;
    walk->confused = 0;
    walk->dev = BPF_CORE_READ((struct dentry*)dentry, d_sb, s_dev);
    walk->mode = identity ? WALK_NAME | WALK_IDENTITY : WALK_NAME;
    bpf_loop(2 * ENFORCED_DEPTH_MAX, climb, walk, 0);
    if (!walk->crossed) {
        walk->own = walk->count;
        walk->top = walk->dentry;
    }

    if (walk->count > walk->own) { /* names above the object's mount: they are no part of its identity */
        walk->mode = WALK_NAME;
        walk->begin = walk->count;
        bpf_loop(walk->count - walk->own, descend, walk, 0);
    }
    if (identity) {
        bpf_loop(ENFORCED_DEPTH_MAX, rise, walk, 0);
        last = &walk->over[walk->above & (ENFORCED_DEPTH_MAX - 1)];
        meet(walk, last->ino);
        walk->mode = WALK_IDENTITY;
        walk->begin = walk->above;
        bpf_loop(walk->above, descend_over, walk, 0);
    }
    walk->mode = identity ? WALK_NAME | WALK_IDENTITY : WALK_NAME;
    walk->begin = walk->own;
    bpf_loop(walk->own, descend, walk, 0);
}

/* The states behind a directory's name, from the map or by a walk. False if nothing moved on in
 * ENFORCED_TRIES. */
static __noinline bool find_directory(const struct subject* subject, struct scratch* scratch, __u64 dentry,
                                      __u64 mount, struct name* name) {
    struct inode* inode = BPF_CORE_READ((struct dentry*)dentry, d_inode);
    struct directory_key key = {
        .dentry = dentry,
        .mount = mount,
        .ino = BPF_CORE_READ(inode, i_ino),
        .root = subject->root ^ subject->root_mount,
        .inode_generation = BPF_CORE_READ(inode, i_generation),
        .set = subject->set_id,
    };
    struct enforced_control* control = get_control();
    struct directory* known;
    struct directory entry = {};
    struct walk* walk = &scratch->walk;

    if (!control)
        return false;
    key.generation = control->generation;
    known = bpf_map_lookup_elem(&directories, &key);
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        entry.renames = sequence(rename_lock);
        entry.mounts = sequence(mount_lock);
        if (known && known->renames == entry.renames && known->mounts == entry.mounts) {
            name->state = known->state;
            name->identity[0] = known->identity[0];
            name->identity[1] = known->identity[1];
            name->resolved = 1;
            return true;
        }
        walk_to(scratch, subject, dentry, mount);
        if (entry.renames & 1 || entry.mounts & 1 || sequence(rename_lock) != entry.renames ||
            sequence(mount_lock) != entry.mounts)
            continue;
        name->state = walk->state;
        name->identity[0] = walk->identity[0];
        name->identity[1] = walk->identity[1];
        name->resolved = walk->resolved && !walk->confused;
        if (name->resolved) {
            entry.state = name->state;
            entry.identity[0] = name->identity[0];
            entry.identity[1] = name->identity[1];
            bpf_map_update_elem(&directories, &key, &entry, BPF_ANY);
        }
        return true;
    }
    return false;
}

/* The states of an object, which may not exist yet, as it is reached through a mount. */
static __noinline void find_name(const struct subject* subject, struct scratch* scratch,
                                 struct dentry* dentry, struct vfsmount* mount, struct name* name) {
    const __u64 address = (__u64)dentry, mount_address = (__u64)mount;
    struct walk* walk = &scratch->walk;
    struct link link = {};
    __u32 renames;

    name->resolved = 0;
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        renames = sequence(rename_lock);
        read_link(&link, address);
        if (address == subject->root && mount_address == subject->root_mount) {
            /* The unit's root is called "/", and has an identity as any directory. */
            if (!find_directory(subject, scratch, address, mount_address, name))
                return;
            name->state = enforced_step(subject->bank, &subject->set->paths, subject->set->paths.start, '/');
            return;
        }
        if (link.parent == address || address == (__u64)BPF_CORE_READ(mount, mnt_root)) {
            if (!find_directory(subject, scratch, address, mount_address, name))
                name->resolved = 0;
            return;
        }
        if (!find_directory(subject, scratch, link.parent, mount_address, name)) {
            name->resolved = 0;
            return;
        }
        walk->state = name->state;
        walk->identity[0] = name->identity[0];
        walk->identity[1] = name->identity[1];
        walk->confused = 0;
        walk->dfa = subject->set->paths;
        walk->set = subject->set_id;
        walk->mode = WALK_NAME;
        if (subject->set->flags & ENFORCED_SET_IDENTITY) {
            walk->mode |= WALK_IDENTITY;
            walk->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
        }
        follow(walk, subject->bank, link.name, link.length,
               walk->mode & WALK_IDENTITY ? inode_number(link.inode) : 0);
        if (renames & 1 || sequence(rename_lock) != renames)
            continue;
        name->state = walk->state;
        name->identity[0] = walk->identity[0];
        name->identity[1] = walk->identity[1];
        name->resolved &= !walk->confused;
        return;
    }
    name->resolved = 0;
}

#endif
