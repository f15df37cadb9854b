/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing what a directory holds: creating, deleting, renaming and linking.
 *
 * Neither a rename nor a link gives a file more access under its new name than it has under its old one,
 * whatever the rules say of renaming and linking themselves: otherwise the first would undo every rule that
 * goes by name. */
#include "lib/guard.h"

#define RENAME_EXCHANGE 2

static __always_inline int ask_here(const struct subject* subject, __u32 access, __u32 operation,
                                    const struct path* directory, struct dentry* dentry) {
    if (guard_change(subject, dentry, directory->mnt))
        return -ENFORCED_EPERM;
    return wants(subject, ENFORCED_SET_FILE) ? ask_path(subject, access, operation, dentry, directory->mnt)
                                             : 0;
}

SEC("lsm/path_mknod")
int BPF_PROG(path_mknod, const struct path* dir, struct dentry* dentry, int mode, unsigned int dev, int ret) {
    ENFORCED_MEET(path_mknod, ret, subject);
    return ask_here(&subject, ENFORCED_CREATE, ENFORCED_OP_CREATE, dir, dentry);
}

SEC("lsm/path_mkdir")
int BPF_PROG(path_mkdir, const struct path* dir, struct dentry* dentry, int mode, int ret) {
    ENFORCED_MEET(path_mkdir, ret, subject);
    return ask_here(&subject, ENFORCED_CREATE, ENFORCED_OP_CREATE, dir, dentry);
}

SEC("lsm/path_symlink")
int BPF_PROG(path_symlink, const struct path* dir, struct dentry* dentry, const char* target, int ret) {
    ENFORCED_MEET(path_symlink, ret, subject);
    return ask_here(&subject, ENFORCED_CREATE, ENFORCED_OP_CREATE, dir, dentry);
}

SEC("lsm/path_unlink")
int BPF_PROG(path_unlink, const struct path* dir, struct dentry* dentry, int ret) {
    ENFORCED_MEET(path_unlink, ret, subject);
    return ask_here(&subject, ENFORCED_DELETE, ENFORCED_OP_DELETE, dir, dentry);
}

SEC("lsm/path_rmdir")
int BPF_PROG(path_rmdir, const struct path* dir, struct dentry* dentry, int ret) {
    ENFORCED_MEET(path_rmdir, ret, subject);
    return ask_here(&subject, ENFORCED_DELETE, ENFORCED_OP_DELETE, dir, dentry);
}

/* A file or directory that gets another name. */
struct renaming {
    struct dentry* old;
    struct dentry* fresh; /* the dentry at the new name */
    struct vfsmount* mount;
    __u32 access; /* that the old name must permit */
    __u32 operation;
    bool replaces; /* what has the new name so far loses it, and is gone if it was its only one */
};

static __always_inline bool is_directory(struct dentry* dentry) {
    return (BPF_CORE_READ(dentry, d_inode, i_mode) & ENFORCED_S_IFMT) == ENFORCED_S_IFDIR;
}

/* Judges one direction: `access` at the old name; creation (writing, for what has content; deletion of what
 * it replaces) at the new one; and that the new name permits nothing that the old one does not. */
static __noinline int ask_renaming(const struct subject* subject, const struct renaming* renaming) {
    struct scratch* scratch = prepare(subject);
    struct dentry* at = renaming->old;
    __u32 operation = renaming->operation, excess, access;
    struct verdict verdict, other;
    struct name *old, *fresh;

    if (!scratch)
        return -ENFORCED_EACCES;
    old = &scratch->old;
    fresh = &scratch->name;
    look_at(scratch, renaming->old, renaming->mount);
    find_name(scratch);
    *old = scratch->name;
    look_at(scratch, renaming->fresh, renaming->mount);
    find_name(scratch);

    verdict = judge(subject, old, renaming->access);
    other = judge(subject, fresh, ENFORCED_CREATE);
    if (ENFORCED_CELL_HIGH(other.cell) > ENFORCED_CELL_HIGH(verdict.cell)) {
        verdict = other;
        operation = ENFORCED_OP_CREATE;
        at = renaming->fresh;
    }
    if (renaming->replaces) {
        other = judge(subject, fresh, ENFORCED_DELETE);
        if (ENFORCED_CELL_HIGH(other.cell) > ENFORCED_CELL_HIGH(verdict.cell)) {
            verdict = other;
            operation = ENFORCED_OP_DELETE;
            at = renaming->fresh;
        }
    }
    if (is_directory(renaming->old)) {
        /* What is below gets new names as well. Equal states have equal futures. */
        if (old->resolved && fresh->resolved && old->state != fresh->state &&
            !(ENFORCED_CELL_HIGH(enforced_accept(subject->bank, &subject->set->paths, old->state)) &
              ENFORCED_STATE_FREE_BELOW))
            take_severer(&verdict, subject->set->unresolved, 0);
    } else {
        other = judge(subject, fresh, ENFORCED_WRITE);
        if (ENFORCED_CELL_HIGH(other.cell) > ENFORCED_CELL_HIGH(verdict.cell)) {
            verdict = other;
            operation = ENFORCED_OP_WRITE;
            at = renaming->fresh;
        }
        excess = permitted(subject, fresh) & ~permitted(subject, old) & ENFORCED_FILE_ACCESS_MASK;
        if (excess) {
            for (access = 0; access < ENFORCED_ATTR; access++) {
                if (excess & 1U << access)
                    break;
            }
            other = judge(subject, old, access);
            take_severer(&verdict, other.cell, other.flags);
        }
    }
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    look_at(scratch, at, renaming->mount);
    return report_object(subject, scratch, &verdict, operation);
}

/* Neither what is the daemon's, nor what is on the way there, moves; and nothing takes its place. */
static __always_inline int guard_renaming(const struct subject* subject, const struct renaming* renaming) {
    const __u32 bits = ENFORCED_GUARD_OWN | ENFORCED_GUARD_ABOVE;

    if (guard_object(subject, ENFORCED_OP_SELF_CHANGE, renaming->old, renaming->mount, bits))
        return -ENFORCED_EPERM;
    return guard_object(subject, ENFORCED_OP_SELF_CHANGE, renaming->fresh, renaming->mount, bits);
}

/* Whether path_rename was asked to exchange two names. Read from the hook's arguments each time: the verifier
 * of 6.1 loses track of what a callee-saved register is compared with after a call, takes the one value that
 * it saw first for the only one, and removes what follows for the other. */
static __always_inline bool exchanges(const unsigned long long* arguments) {
    return ((const volatile unsigned long long*)arguments)[4] & RENAME_EXCHANGE;
}

SEC("lsm/path_rename")
int BPF_PROG(path_rename, const struct path* old_dir, struct dentry* old_dentry, const struct path* new_dir,
             struct dentry* new_dentry, unsigned int flags, int ret) {
    ENFORCED_MEET(path_rename, ret, subject);
    struct renaming renaming = {
        .old = old_dentry,
        .fresh = new_dentry,
        .mount = new_dir->mnt,
        .access = ENFORCED_RENAME,
        .operation = ENFORCED_OP_RENAME,
        .replaces = !exchanges(ctx) && inode_of((__u64)new_dentry),
    };

    if (guard_renaming(&subject, &renaming))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_FILE))
        return 0;
    ret = ask_renaming(&subject, &renaming);
    if (ret || !exchanges(ctx))
        return ret;
    renaming.old = new_dentry;
    renaming.fresh = old_dentry;
    return ask_renaming(&subject, &renaming);
}

/* Whoever gives a file another name: its old one is remembered, lest it be forgotten that a rule speaks of
 * it. The first one stays: what is linked on from a link is the same file. */
static __noinline void remember_link(struct dentry* dentry, struct vfsmount* mount) {
    struct enforced_control* control = get_control();
    struct scratch* scratch;
    struct link_key key = {};
    __u32 length;

    if (!control || !control->generation)
        return;
    scratch = get_scratch();
    if (!scratch) {
        count(ENFORCED_STAT_STORAGE_FAILED);
        return;
    }
    key.ino = inode_number((__u64)inode_of((__u64)dentry));
    key.dev = dentry->d_sb->s_dev;
    scratch->root = 0; /* spelled up to the root of the task's mount namespace */
    scratch->object.dentry = (__u64)dentry;
    scratch->object.mount = (__u64)mount;
    length = spell(scratch, as_number(&scratch->object.dentry), as_number(&scratch->object.mount), false);
    if (length > ENFORCED_LINK_PATH_MAX)
        return;
    scratch->link.length = length;
    bpf_probe_read_kernel(scratch->link.path, sizeof(scratch->link.path),
                          &scratch->event.object[(ENFORCED_OBJECT_MAX - length) & (ENFORCED_OBJECT_MAX - 1)]);
    bpf_map_update_elem(&links, &key, &scratch->link, BPF_NOEXIST);
}

SEC("lsm/path_link")
int BPF_PROG(path_link, struct dentry* old_dentry, const struct path* new_dir, struct dentry* new_dentry,
             int ret) {
    if (!ret)
        remember_link(old_dentry, new_dir->mnt);
    ENFORCED_MEET(path_link, ret, subject);
    struct renaming linking = {
        .old = old_dentry,
        .fresh = new_dentry,
        .mount = new_dir->mnt, /* a link stays within its mount */
        .access = ENFORCED_LINK,
        .operation = ENFORCED_OP_LINK,
        /* Nothing. But what is dead for sure, verifiers take away, and verifier.py knows their mistakes by
         * what is gone. */
        .replaces = inode_of((__u64)new_dentry),
    };

    if (guard_renaming(&subject, &linking))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_renaming(&subject, &linking) : 0;
}
