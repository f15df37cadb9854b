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
 *
 * It is an array with one place for each hash of a key: the last one to come takes it. Nobody locks it: a
 * value that was read while somebody wrote it does not fit its `check`, and is none. */
#define ENFORCED_DIRECTORIES 8192U
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, ENFORCED_DIRECTORIES);
    __type(key, __u32);
    __type(value, struct directory);
} directories SEC(".maps") __weak;

/* How often a name is read anew when something was renamed or mounted under way. Anybody can rename in a
 * loop, and so make every other try fail: few tries would let them take from a unit what it may do. */
#define ENFORCED_TRIES 64

static __always_inline __u64 hash_key(const struct directory_key* key) {
    __u64 hash = mix(mix(0, key->dentry), key->mount ^ key->root);

    return mix(hash ^ key->ino, (__u64)key->inode_generation << 32 | key->rules);
}

static __always_inline __u64 directory_check(__u64 hash, const struct directory* entry) {
    hash = mix(hash, (__u64)entry->place.renames << 32 | entry->place.mounts);
    hash = mix(hash, (__u64)entry->state << 32 | entry->identity[0]);
    return mix(hash, ~(__u64)entry->identity[1]);
}

static __always_inline struct directory* directory_at(__u64 hash) {
    __u32 index = (hash ^ hash >> 32) & (ENFORCED_DIRECTORIES - 1);

    return bpf_map_lookup_elem(&directories, &index);
}

static __always_inline bool is_same_place(const struct place* one, const struct place* other) {
    return one->key.dentry == other->key.dentry && one->key.mount == other->key.mount &&
           one->key.ino == other->key.ino && one->key.root == other->key.root &&
           one->key.inode_generation == other->key.inode_generation && one->key.rules == other->key.rules &&
           one->renames == other->renames && one->mounts == other->mounts;
}

/* Recalls the states behind the name of scratch->place. Returns whether they were known. */
static __always_inline bool recall(struct scratch* scratch) {
    const __u64 hash = hash_key(&scratch->place.key);
    const struct directory* known = directory_at(hash);
    struct directory* entry = &scratch->directory;

    if (!known)
        return false;
    *entry = *known;
    if (!is_same_place(&entry->place, &scratch->place) || entry->check != directory_check(hash, entry))
        return false;
    scratch->name.state = entry->state;
    scratch->name.identity[0] = entry->identity[0];
    scratch->name.identity[1] = entry->identity[1];
    scratch->name.resolved = 1;
    return true;
}

static __always_inline void remember(struct scratch* scratch) {
    const __u64 hash = hash_key(&scratch->place.key);
    struct directory* entry = &scratch->directory;
    struct directory* known = directory_at(hash);

    entry->place = scratch->place;
    entry->state = scratch->name.state;
    entry->identity[0] = scratch->name.identity[0];
    entry->identity[1] = scratch->name.identity[1];
    entry->check = directory_check(hash, entry);
    if (known)
        *known = *entry;
}

/* The states behind the name of scratch->place, known or by a walk, into scratch->name. */
ENFORCED_GLOBAL int find_directory(struct scratch* scratch) {
    struct place* place;

    if (!scratch || recall(scratch))
        return 0;
    place = &scratch->place;
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        if (walk_to(scratch, place->key.dentry, place->key.mount)) {
            place->renames = scratch->walk.renames;
            place->mounts = scratch->walk.mounts;
            if (scratch->name.resolved)
                remember(scratch);
            return 0;
        }
    }
    scratch->name.resolved = 0;
    return 0;
}

static __always_inline struct inode* inode_of(__u64 dentry) {
    return BPF_CORE_READ((struct dentry*)dentry, d_inode);
}

/* Reads what scratch->object says of its dentry anew. */
ENFORCED_GLOBAL int read_object(struct scratch* scratch) {
    struct object* object;
    struct inode* parent;
    struct link link = {};

    if (!scratch)
        return 0;
    object = &scratch->object;
    object->renames = settled(rename_lock);
    object->mounts = settled(mount_lock);
    read_link(&link, object->dentry);
    parent = inode_of(link.parent);
    object->parent = link.parent;
    object->parent_ino = BPF_CORE_READ(parent, i_ino);
    object->parent_generation = BPF_CORE_READ(parent, i_generation);
    object->name = link.name;
    object->length = link.length;
    object->ino = inode_number(link.inode);
    return 0;
}

/* Sets scratch->place to the directory whose name leads to scratch->object: its parent, or itself where
 * nothing is above it in its mount. Returns whether it is itself. */
ENFORCED_GLOBAL int set_place(struct scratch* scratch) {
    struct object* object;
    struct place* place;
    struct inode* inode;
    bool itself;

    if (!scratch)
        return 0;
    object = &scratch->object;
    place = &scratch->place;
    itself = object->parent == object->dentry || object->dentry == object->mount_root;
    if (itself) {
        inode = inode_of(object->dentry);
        place->key.ino = BPF_CORE_READ(inode, i_ino);
        place->key.inode_generation = BPF_CORE_READ(inode, i_generation);
    } else {
        place->key.ino = object->parent_ino;
        place->key.inode_generation = object->parent_generation;
    }
    place->key.dentry = itself ? object->dentry : object->parent;
    place->key.mount = object->mount;
    place->key.root = scratch->root ^ scratch->root_mount;
    place->key.rules = scratch->generation * 2 * ENFORCED_SETS + scratch->set;
    place->renames = object->renames;
    place->mounts = object->mounts;
    return itself;
}

/* The states of the unit's root, which is called "/", and has an identity as any directory. */
ENFORCED_GLOBAL int find_root(struct scratch* scratch) {
    const struct enforced_bank* bank;
    __u32 index;

    if (!scratch)
        return 0;
    index = scratch->bank;
    bank = bpf_map_lookup_elem(&banks, &index);
    if (!bank)
        return 0;
    walk_to(scratch, scratch->object.dentry, scratch->object.mount);
    scratch->name.state = enforced_step(bank->cells, &scratch->paths, scratch->paths.start, '/');
    return 0;
}

/* The states of scratch->object, which may not exist yet, into scratch->name. */
ENFORCED_GLOBAL int find_name(struct scratch* scratch) {
    struct object* object;
    struct name* name;

    if (!scratch)
        return 0;
    object = &scratch->object;
    name = &scratch->name;
    if (object->dentry == scratch->root && object->mount == scratch->root_mount)
        return find_root(scratch);
    for (int i = 0; i < ENFORCED_TRIES; i++) {
        const bool itself = set_place(scratch);

        find_directory(scratch);
        if (itself)
            return 0;
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
    scratch->top = 0;
    if (!subject->set) /* only to say what was done */
        return scratch;
    scratch->set = subject->set_id;
    scratch->bank = subject->set->bank;
    scratch->by_identity = subject->set->flags & ENFORCED_SET_IDENTITY;
    scratch->generation = subject->generation;
    scratch->paths = subject->set->paths;
    return scratch;
}

/* Looks at a dentry as it is reached through a mount, by the pointers that a hook was given; not at its
 * inode. */
static __always_inline void look_at_dentry(struct scratch* scratch, struct dentry* dentry,
                                           struct vfsmount* mount) {
    struct object* object = &scratch->object;
    struct dentry* parent;

    object->renames = sequence(rename_lock);
    object->mounts = sequence(mount_lock);
    parent = dentry->d_parent;
    object->dentry = (__u64)dentry;
    object->mount = (__u64)mount;
    object->mount_root = mount ? (__u64)mount->mnt_root : 0;
    object->parent = (__u64)parent;
    object->parent_ino = parent->d_inode->i_ino;
    object->parent_generation = parent->d_inode->i_generation;
    object->name = (__u64)dentry->d_name.name;
    object->length = dentry->d_name.len;
    object->dev = dentry->d_sb->s_dev;
}

/* Looks at a dentry and mount of which only the addresses are known. */
static __always_inline void look_at_address(struct scratch* scratch, __u64 dentry, __u64 mount) {
    struct object* object = &scratch->object;
    struct inode* inode = inode_of(dentry);

    object->dentry = dentry;
    object->mount = mount;
    object->mount_root = mount ? (__u64)BPF_CORE_READ((struct vfsmount*)mount, mnt_root) : 0;
    object->dev = BPF_CORE_READ((struct dentry*)dentry, d_sb, s_dev);
    object->links = inode ? BPF_CORE_READ(inode, i_nlink) : 0;
    read_object(scratch);
}

/* An open file has an inode. */
static __always_inline void look_at_file(struct scratch* scratch, struct file* file) {
    look_at_dentry(scratch, file->f_path.dentry, file->f_path.mnt);
    scratch->object.ino = file->f_inode->i_ino;
    scratch->object.links = file->f_inode->i_nlink;
}

/* What is yet to be made has none. The inode is a number that was copied: some verifiers take that of a
 * dentry for never null, remove the comparison, and the kernel would follow it. */
static __always_inline void look_at(struct scratch* scratch, struct dentry* dentry, struct vfsmount* mount) {
    struct inode* inode;

    look_at_dentry(scratch, dentry, mount);
    inode = inode_of((__u64)dentry);
    scratch->object.ino = inode_number((__u64)inode);
    scratch->object.links = inode ? BPF_CORE_READ(inode, i_nlink) : 0;
}

#endif
