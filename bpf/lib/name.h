/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an object is called, and what it is: the automaton's states for it.
 *
 * The name is that under which the unit sees the object from its own root. A walk that ends elsewhere (a
 * detached mount, a disconnected handle, another namespace, too many components) has no name, and the caller
 * refuses.
 *
 * A walk reads without locks. rename_lock's and mount_lock's sequence numbers are sampled before and compared
 * after: a name that was pieced together from two moments is not used. */
#ifndef ENFORCED_LIB_NAME_H
#define ENFORCED_LIB_NAME_H

#include "link.h"

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
    __u32 rules; /* generation and set */
};
/* An element of such a map may be given to another key while it is read: `check` ties the value to its key.
 */
struct directory {
    __u32 renames;
    __u32 mounts;
    __u32 state;
    __u32 identity[2];
    __u32 pad;
    __u64 check;
};
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, struct directory_key);
    __type(value, struct directory);
} directories SEC(".maps") __weak;

/* How often a name is read anew when something was renamed under way. */
#define ENFORCED_TRIES 4

static __always_inline struct directory_key directory_key(const struct scratch* scratch, __u64 dentry,
                                                          __u64 mount) {
    struct inode* inode = BPF_CORE_READ((struct dentry*)dentry, d_inode);

    return (struct directory_key){
        .dentry = dentry,
        .mount = mount,
        .ino = BPF_CORE_READ(inode, i_ino),
        .root = scratch->root ^ scratch->root_mount,
        .inode_generation = BPF_CORE_READ(inode, i_generation),
        .rules = scratch->generation * 2 * ENFORCED_SETS + scratch->set,
    };
}

static __always_inline __u64 directory_check(const struct directory_key* key, const struct directory* entry) {
    __u64 hash = mix(mix(mix(0, key->dentry), key->mount), key->ino ^ key->root);

    hash = mix(hash, (__u64)key->inode_generation << 32 | key->rules);
    hash = mix(hash, (__u64)entry->renames << 32 | entry->mounts);
    hash = mix(hash, (__u64)entry->state << 32 | entry->identity[0]);
    return mix(hash, entry->identity[1]);
}

/* Recalls the states behind a directory's name. Returns whether they were known. */
ENFORCED_GLOBAL int recall(struct scratch* scratch, __u64 dentry, __u64 mount) {
    struct directory_key key;
    struct directory* known;
    struct directory entry;

    if (!scratch)
        return 0;
    key = directory_key(scratch, dentry, mount);
    known = bpf_map_lookup_elem(&directories, &key);
    if (!known)
        return 0;
    entry = *known;
    if (entry.renames != sequence(rename_lock) || entry.mounts != sequence(mount_lock) ||
        entry.check != directory_check(&key, &entry))
        return 0;
    scratch->name.state = entry.state;
    scratch->name.identity[0] = entry.identity[0];
    scratch->name.identity[1] = entry.identity[1];
    scratch->name.resolved = 1;
    return 1;
}

ENFORCED_GLOBAL int remember(struct scratch* scratch, __u64 dentry, __u64 mount, __u32 renames,
                             __u32 mounts) {
    struct directory entry = {.renames = renames, .mounts = mounts};
    struct directory_key key;

    if (!scratch)
        return 0;
    key = directory_key(scratch, dentry, mount);
    entry.state = scratch->name.state;
    entry.identity[0] = scratch->name.identity[0];
    entry.identity[1] = scratch->name.identity[1];
    entry.check = directory_check(&key, &entry);
    bpf_map_update_elem(&directories, &key, &entry, BPF_ANY);
    return 0;
}

/* The states behind a directory's name, known or by a walk, into scratch->name. */
ENFORCED_GLOBAL int find_directory(struct scratch* scratch, __u64 dentry, __u64 mount) {
    __u32 renames, mounts;

    if (!scratch || recall(scratch, dentry, mount))
        return 0;
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        renames = sequence(rename_lock);
        mounts = sequence(mount_lock);
        walk_to(scratch, dentry, mount);
        if (!((renames | mounts) & 1) && sequence(rename_lock) == renames && sequence(mount_lock) == mounts) {
            if (scratch->name.resolved)
                remember(scratch, dentry, mount, renames, mounts);
            return 0;
        }
    }
    scratch->name.resolved = 0;
    return 0;
}

/* Reads what scratch->object says of its dentry anew. */
static __always_inline void read_object(struct scratch* scratch) {
    struct object* object = &scratch->object;
    struct link link = {};

    object->renames = sequence(rename_lock);
    read_link(&link, object->dentry);
    object->parent = link.parent;
    object->name = link.name;
    object->length = link.length;
    object->ino = inode_number(link.inode);
}

/* The states of scratch->object, which may not exist yet, into scratch->name. */
ENFORCED_GLOBAL int find_name(struct scratch* scratch) {
    struct object* object;
    struct name* name;

    if (!scratch)
        return 0;
    object = &scratch->object;
    name = &scratch->name;
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        if (object->dentry == scratch->root && object->mount == scratch->root_mount) {
            __u32 index = scratch->bank;

            /* The unit's root is called "/", and has an identity as any directory. */
            walk_to(scratch, object->dentry, object->mount);
            name->state = step_component(bpf_map_lookup_elem(&banks, &index), &scratch->paths,
                                         scratch->paths.start, &scratch->text, 0);
            return 0;
        }
        if (object->parent == object->dentry || object->dentry == object->mount_root) {
            find_directory(scratch, object->dentry, object->mount);
            return 0;
        }
        find_directory(scratch, object->parent, object->mount);
        scratch->walk.confused = 0;
        follow(scratch, object->name, object->length, object->ino,
               scratch->by_identity ? WALK_NAME | WALK_IDENTITY : WALK_NAME);
        if (object->links > 1 && scratch->by_identity)
            meet_link(scratch);
        if (!(object->renames & 1) && sequence(rename_lock) == object->renames) {
            name->resolved &= !scratch->walk.confused;
            return 0;
        }
        read_object(scratch);
    }
    name->resolved = 0;
    return 0;
}

/* Scratch for a subject, ready to find names for it. */
static __always_inline struct scratch* prepare(const struct subject* subject) {
    struct scratch* scratch = get_scratch();

    if (!scratch) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return 0;
    }
    scratch->root = subject->root;
    scratch->root_mount = subject->root_mount;
    scratch->set = subject->set_id;
    scratch->bank = subject->set->bank;
    scratch->by_identity = subject->set->flags & ENFORCED_SET_IDENTITY;
    scratch->generation = subject->generation;
    scratch->paths = subject->set->paths;
    return scratch;
}

/* Looks at a dentry as it is reached through a mount, by the pointers that a hook was given. */
static __always_inline void look_at(struct scratch* scratch, struct dentry* dentry, struct vfsmount* mount) {
    struct object* object = &scratch->object;
    struct inode* inode = dentry->d_inode;

    object->renames = sequence(rename_lock);
    object->dentry = (__u64)dentry;
    object->mount = (__u64)mount;
    object->mount_root = mount ? (__u64)mount->mnt_root : 0;
    object->parent = (__u64)dentry->d_parent;
    object->name = (__u64)dentry->d_name.name;
    object->length = dentry->d_name.len;
    object->ino = inode ? inode->i_ino : 0;
    object->links = inode ? inode->i_nlink : 0;
    object->dev = dentry->d_sb->s_dev;
}

#endif
