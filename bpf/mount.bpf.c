/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard of the file rules: a unit that could lay its own mounts out would give things other names.
 * Identity holds the deny rules even so; this holds the allow rules, and what goes by default.
 *
 * A detached mount (open_tree) passes no hook; what is opened in one has no name, and is refused. */
#include "lib/emit.h"

static __always_inline int guard(const struct subject* subject, __u32 operation, struct dentry* dentry,
                                 struct vfsmount* mount) {
    return ask_cell(subject, subject->set->guard, operation, dentry, mount);
}

SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char* source, const struct path* path, const char* type, unsigned long flags,
             void* data, int ret) {
    ENFORCED_BEGIN(sb_mount, ret, subject, ENFORCED_SET_FILE);
    return guard(&subject, ENFORCED_OP_MOUNT, path->dentry, path->mnt);
}

SEC("lsm/sb_umount")
int BPF_PROG(sb_umount, struct vfsmount* mount, int flags, int ret) {
    ENFORCED_BEGIN(sb_umount, ret, subject, ENFORCED_SET_FILE);
    return guard(&subject, ENFORCED_OP_MOUNT, mount->mnt_root, mount);
}

SEC("lsm/sb_remount")
int BPF_PROG(sb_remount, struct super_block* sb, void* options, int ret) {
    ENFORCED_BEGIN(sb_remount, ret, subject, ENFORCED_SET_FILE);
    return guard(&subject, ENFORCED_OP_MOUNT, 0, 0);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sb_pivotroot, const struct path* old_path, const struct path* new_path, int ret) {
    ENFORCED_BEGIN(sb_pivotroot, ret, subject, ENFORCED_SET_FILE);
    return guard(&subject, ENFORCED_OP_MOUNT, new_path->dentry, new_path->mnt);
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path* from, const struct path* to, int ret) {
    ENFORCED_BEGIN(move_mount, ret, subject, ENFORCED_SET_FILE);
    return guard(&subject, ENFORCED_OP_MOUNT, to->dentry, to->mnt);
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
