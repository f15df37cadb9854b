/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by which the kernel, or a process, is told what to do: whatever they are called and wherever they are
 * mounted, they are known by their file system.
 *
 * Of procfs, all but the files of the unit's own processes; of cgroup2, all but those of the unit's own
 * cgroup and the ones below it, where cgroup.kill and cgroup.freeze are signals to all who are in there; of
 * the others, all. */
#ifndef ENFORCED_LIB_TUNABLE_H
#define ENFORCED_LIB_TUNABLE_H

#include "possession.h"

#define FMODE_WRITE 0x2

/* include/uapi/linux/magic.h, and for those that are not there the file systems themselves. */
#define BINFMT_MAGIC 0x42494e4d
#define CGROUP_MAGIC 0x27e0eb
#define CONFIGFS_MAGIC 0x62656570
#define DEBUGFS_MAGIC 0x64626720
#define EFIVARFS_MAGIC 0xde5e81e4
#define FUSECTL_MAGIC 0x65735543
#define RESCTRL_MAGIC 0x7655821
#define SECURITYFS_MAGIC 0x73636673
#define SELINUXFS_MAGIC 0xf97cff8c
#define SMACKFS_MAGIC 0x43415d53
#define SYSFS_MAGIC 0x62656572
#define TRACEFS_MAGIC 0x74726163

#define ENFORCED_SET_TUNABLE                                                                                 \
    (ENFORCED_SET_KERNEL(ENFORCED_KERNEL_TUNABLES) | ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL))

/* Whether a file of procfs, given by its inode's address, is one of a process, and that is in the unit's
 * cgroups. One of the unit's that was moved elsewhere is taken for another's. */
static __noinline bool is_own_process_file(const struct subject* subject, __u64 inode) {
    __u64 proc = inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
    __u64 pid = (__u64)BPF_CORE_READ((struct proc_inode*)proc, pid);
    __u64 node = (__u64)BPF_CORE_READ((struct pid*)pid, tasks[0].first);
    __u64 task = node - bpf_core_field_offset(struct task_struct, pid_links);

    if (!pid || !node)
        return false;
    return unit_of_cgroup(BPF_CORE_READ((struct task_struct*)task, cgroups, dfl_cgrp, kn, id)) ==
           subject->unit;
}

/* A cgroup's number is that of its directory. */
static __always_inline bool is_own_cgroup_file(const struct subject* subject, struct dentry* dentry) {
    return unit_of_cgroup(BPF_CORE_READ(dentry, d_parent, d_inode, i_ino)) == subject->unit;
}

static __always_inline bool is_signal(struct dentry* dentry) {
    char name[16] = {};

    bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
    return IS_TEXT(name, "cgroup.kill") || IS_TEXT(name, "cgroup.freeze");
}

/* Whether writing to the file is what the key `tunables` speaks of. */
static __always_inline bool is_tunable(const struct subject* subject, struct file* file, __u32 magic) {
    switch (magic) {
    case PROC_MAGIC:
        return !is_own_process_file(subject, (__u64)BPF_CORE_READ(file, f_inode));
    case CGROUP2_MAGIC:
        return !is_own_cgroup_file(subject, file->f_path.dentry);
    case BINFMT_MAGIC:
    case CGROUP_MAGIC:
    case CONFIGFS_MAGIC:
    case DEBUGFS_MAGIC:
    case EFIVARFS_MAGIC:
    case FUSECTL_MAGIC:
    case RESCTRL_MAGIC:
    case SECURITYFS_MAGIC:
    case SELINUXFS_MAGIC:
    case SMACKFS_MAGIC:
    case SYSFS_MAGIC:
    case TRACEFS_MAGIC:
        return true;
    default:
        return false;
    }
}

static __noinline int judge_tunable(const struct subject* subject, struct file* file) {
    const __u64 tunables = kernel_cell(subject, ENFORCED_KERNEL_TUNABLES);
    const __u64 signal = kernel_cell(subject, ENFORCED_KERNEL_SIGNAL);
    const __u32 magic = file->f_inode->i_sb->s_magic;
    struct dentry* dentry = file->f_path.dentry;
    __u32 key = ENFORCED_KERNEL_TUNABLES;

    if (!is_tunable(subject, file, magic))
        return 0;
    if (magic == CGROUP2_MAGIC && ENFORCED_CELL_HIGH(signal) &&
        ENFORCED_CELL_HIGH(signal) >= ENFORCED_CELL_HIGH(tunables) && is_signal(dentry))
        key = ENFORCED_KERNEL_SIGNAL;
    return ask_kernel_object(subject, key, dentry, file->f_path.mnt);
}

/* Judges a file that is opened, or received. */
static __always_inline int ask_tunable(const struct subject* subject, struct file* file) {
    if (!(subject->set->flags & ENFORCED_SET_TUNABLE) || !(file->f_mode & FMODE_WRITE))
        return 0;
    return judge_tunable(subject, file);
}

#endif
