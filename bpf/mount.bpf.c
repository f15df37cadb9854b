/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard of the file rules: a unit that could lay its own mounts out would give things other names.
 * Identity holds the deny rules even so; this holds the allow rules, and what goes by default. And the key
 * `mount` of [kernel], which speaks of the same, and of making file systems.
 *
 * A detached mount (open_tree) passes no hook; where there are file rules, what is opened in one has no name,
 * and is refused. */
#include "lib/deed.h"

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

SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char* source, const struct path* path, const char* type, unsigned long flags,
             void* data, int ret) {
    ENFORCED_BEGIN(sb_mount, ret, subject, ENFORCED_SET_MOUNT);
    return ask_mount(&subject, path->dentry, path->mnt);
}

SEC("lsm/sb_umount")
int BPF_PROG(sb_umount, struct vfsmount* mount, int flags, int ret) {
    ENFORCED_BEGIN(sb_umount, ret, subject, ENFORCED_SET_MOUNT);
    return ask_mount(&subject, mount->mnt_root, mount);
}

SEC("lsm/sb_remount")
int BPF_PROG(sb_remount, struct super_block* sb, void* options, int ret) {
    ENFORCED_BEGIN(sb_remount, ret, subject, ENFORCED_SET_MOUNT);
    return ask_mount(&subject, 0, 0);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sb_pivotroot, const struct path* old_path, const struct path* new_path, int ret) {
    ENFORCED_BEGIN(sb_pivotroot, ret, subject, ENFORCED_SET_MOUNT);
    return ask_mount(&subject, new_path->dentry, new_path->mnt);
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path* from, const struct path* to, int ret) {
    ENFORCED_BEGIN(move_mount, ret, subject, ENFORCED_SET_MOUNT);
    return ask_mount(&subject, to->dentry, to->mnt);
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
