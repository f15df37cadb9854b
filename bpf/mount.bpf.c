/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard of the file rules: a unit that could lay its own mounts out would give things other names.
 * Identity holds the deny rules even so; this holds the allow rules, and what goes by default. And the key
 * `mount` of [kernel], which speaks of the same, and of making file systems.
 *
 * A detached mount (open_tree) passes no hook; where there are file rules, what is opened in one has no name,
 * and is refused. */
#include "lib/guard.h"

#define ENFORCED_SET_MOUNT (ENFORCED_SET_FILE | ENFORCED_SET_KERNEL(ENFORCED_KERNEL_MOUNT))

static __always_inline int guard(const struct subject* subject, __u32 operation, struct dentry* dentry,
                                 struct vfsmount* mount) {
    return ask_cell(subject, subject->set->guard, operation, dentry, mount);
}

static __always_inline int ask_mount(const struct subject* subject, struct dentry* dentry,
                                     struct vfsmount* mount) {
    const __u64 cell = kernel_cell(subject, ENFORCED_KERNEL_MOUNT);

    if (ENFORCED_CELL_HIGH(cell) > ENFORCED_CELL_HIGH(subject->set->guard))
        return ask_cell(subject, cell, ENFORCED_OP_MOUNT, dentry, mount);
    return guard(subject, ENFORCED_OP_MOUNT, dentry, mount);
}

/* include/uapi/linux/mount.h */
#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192
#define MS_PROPAGATION (1UL << 17 | 1UL << 18 | 1UL << 19 | 1UL << 20)

/* include/linux/mount.h, and since 6.17 fs/mount.h */
#define MNT_SHARED 0x1000
#define T_SHARED 1

static __always_inline bool is_shared(struct vfsmount* mount) {
    __u64 address = (__u64)mount;
    struct mount* whole = (void*)mount_of(as_number(&address));

    if (bpf_core_field_exists(whole->mnt_t_flags))
        return BPF_CORE_READ(whole, mnt_t_flags) & T_SHARED;
    return BPF_CORE_READ(mount, mnt_flags) & MNT_SHARED;
}

/* Whether the daemon sees what happens to a mount: it is in the daemon's namespace, or is passed on there. */
static __always_inline bool is_seen(struct vfsmount* mount) {
    struct enforced_control* control = get_control();
    __u64 address = (__u64)mount, space;

    if (!control)
        return false;
    if (is_shared(mount))
        return true;
    space = (__u64)BPF_CORE_READ((struct mount*)mount_of(as_number(&address)), mnt_ns);
    return space && space != ENFORCED_MNT_NS_INTERNAL &&
           BPF_CORE_READ((struct mnt_namespace*)space, ns.inum) == control->daemon.mount_namespace;
}

/* Judges what is done to a mount at a dentry: that nothing lies over what the daemon reads, and what it reads
 * is not taken away with its mount. */
static __always_inline int guard_mount(const struct subject* subject, struct dentry* dentry,
                                       struct vfsmount* mount) {
    if (!guard_cell(subject) || !is_seen(mount))
        return 0;
    return guard_object(subject, ENFORCED_OP_SELF_MOUNT, dentry, mount,
                        ENFORCED_GUARD_OWN | ENFORCED_GUARD_ABOVE);
}

/* Of mounts that are moved by mount(2) only the name of what is moved is told. */
static __always_inline int guard_mounting(const struct subject* subject, const struct path* path,
                                          unsigned long flags) {
    if (flags & MS_PROPAGATION)
        return 0;
    if (flags & MS_REMOUNT && !(flags & MS_BIND)) /* sb_remount is asked */
        return 0;
    if (flags & MS_MOVE && guard_cell(subject) && is_seen(path->mnt))
        return ask_cell(subject, guard_cell(subject), ENFORCED_OP_SELF_MOUNT, path->dentry, path->mnt);
    return guard_mount(subject, path->dentry, path->mnt);
}

SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char* source, const struct path* path, const char* type, unsigned long flags,
             void* data, int ret) {
    ENFORCED_MEET(sb_mount, ret, subject);

    if (guard_mounting(&subject, path, flags))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_MOUNT) ? ask_mount(&subject, path->dentry, path->mnt) : 0;
}

SEC("lsm/sb_umount")
int BPF_PROG(sb_umount, struct vfsmount* mount, int flags, int ret) {
    ENFORCED_MEET(sb_umount, ret, subject);

    if (guard_mount(&subject, mount->mnt_root, mount))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_MOUNT) ? ask_mount(&subject, mount->mnt_root, mount) : 0;
}

/* A file system is the same wherever it is mounted. */
SEC("lsm/sb_remount")
int BPF_PROG(sb_remount, struct super_block* sb, void* options, int ret) {
    ENFORCED_MEET(sb_remount, ret, subject);

    if (guard_object(&subject, ENFORCED_OP_SELF_MOUNT, BPF_CORE_READ(sb, s_root), 0,
                     ENFORCED_GUARD_OWN | ENFORCED_GUARD_ABOVE))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_MOUNT) ? ask_mount(&subject, 0, 0) : 0;
}

/* In the daemon's namespace, the daemon would get the new root. */
SEC("lsm/sb_pivotroot")
int BPF_PROG(sb_pivotroot, const struct path* old_path, const struct path* new_path, int ret) {
    ENFORCED_MEET(sb_pivotroot, ret, subject);

    if (guard_cell(&subject) && is_seen(new_path->mnt) &&
        ask_cell(&subject, guard_cell(&subject), ENFORCED_OP_SELF_MOUNT, new_path->dentry, new_path->mnt))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_MOUNT) ? ask_mount(&subject, new_path->dentry, new_path->mnt) : 0;
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path* from, const struct path* to, int ret) {
    ENFORCED_MEET(move_mount, ret, subject);

    if (guard_mount(&subject, to->dentry, to->mnt) || guard_mount(&subject, from->dentry, from->mnt))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_MOUNT) ? ask_mount(&subject, to->dentry, to->mnt) : 0;
}

/* A file system is made, by fsconfig. For mount(2), sb_mount has been asked before. */
SEC("lsm/sb_kern_mount")
int BPF_PROG(sb_kern_mount, struct super_block* sb, int ret) {
    ENFORCED_BEGIN(sb_kern_mount, ret, subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_MOUNT));
    struct verdict verdict = {.cell = kernel_cell(&subject, ENFORCED_KERNEL_MOUNT)};
    struct deed deed = {.operation = ENFORCED_OP_MOUNT, .text = (__u64)BPF_CORE_READ(sb, s_type, name)};

    return ENFORCED_CELL_HIGH(verdict.cell) ? report_deed(&subject, &verdict, &deed) : 0;
}

/* Names go on counting from the unit's own root, so that chroot changes none of them. It is refused all the
 * same unless a rule allows reading that very directory: a default does not. */
SEC("lsm/path_chroot")
int BPF_PROG(path_chroot, const struct path* path, int ret) {
    ENFORCED_BEGIN(path_chroot, ret, subject, ENFORCED_SET_FILE);
    struct scratch* scratch = prepare(&subject);
    __u64 unnamed;

    if (!scratch)
        return -ENFORCED_EPERM;
    unnamed = path_cell(&subject, subject.set->paths.start, ENFORCED_ROW_BY_NAME + ENFORCED_READ);
    look_at(scratch, path->dentry, path->mnt);
    find_name(scratch);
    if (ENFORCED_CELL_HIGH(unnamed) >= ENFORCED_WOULD_DENY &&
        ENFORCED_CELL_HIGH(judge(&subject, &scratch->name, ENFORCED_READ).cell) < ENFORCED_WOULD_DENY)
        return 0;
    return guard(&subject, ENFORCED_OP_CHROOT, path->dentry, path->mnt);
}
