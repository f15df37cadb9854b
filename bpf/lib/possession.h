/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the daemon's that are opened to be written to: its policies, and those of procfs and cgroup2 by
 * which its process is told what to do. */
#ifndef ENFORCED_LIB_POSSESSION_H
#define ENFORCED_LIB_POSSESSION_H

#include "guard.h"

#define PROC_MAGIC 0x9fa0

/* By its number or cgroup: the task is known by its address only. */
static __always_inline bool is_daemons_process_file(const struct enforced_control* control, __u64 inode) {
    __u64 proc = inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
    __u64 pid = (__u64)BPF_CORE_READ((struct proc_inode*)proc, pid);
    __u64 node = pid ? (__u64)BPF_CORE_READ((struct pid*)pid, tasks[0].first) : 0;
    __u64 task = node - bpf_core_field_offset(struct task_struct, pid_links);

    if (!node)
        return false;
    if (control->daemon.pid && (__u32)BPF_CORE_READ((struct task_struct*)task, tgid) == control->daemon.pid)
        return true;
    return control->daemon.cgroup &&
           BPF_CORE_READ((struct task_struct*)task, cgroups, dfl_cgrp, kn, id) == control->daemon.cgroup;
}

/* What may be written to in a cgroup above the daemon's: who moves a process there does the daemon no harm,
 * and neither does who waits for pressure. */
static __always_inline bool is_harmless(struct dentry* dentry) {
    char name[24] = {};

    bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
    return IS_TEXT(name, "cgroup.procs") || IS_TEXT(name, "cgroup.threads") ||
           IS_TEXT(name, "memory.pressure") || IS_TEXT(name, "cpu.pressure") || IS_TEXT(name, "io.pressure");
}

/* Stopping, killing, freezing or starving all who are in a cgroup above the daemon's does it to the daemon.
 */
static __always_inline bool is_daemons_cgroup_file(const struct enforced_control* control,
                                                   struct dentry* dentry) {
    const __u32 above =
        guard_cgroup_bits(control, BPF_CORE_READ(dentry, d_parent, d_inode, i_ino)) & ENFORCED_GUARD_ABOVE;

    return guard_of(dentry) & ENFORCED_GUARD_OWN || (above && !is_harmless(dentry));
}

/* Judges a file that is opened, or received, to be written to. */
static __noinline int guard_written(const struct subject* subject, struct file* file) {
    struct enforced_control* control = get_control();
    struct dentry* dentry = file->f_path.dentry;
    struct inode* inode = file->f_inode;
    __u32 operation = ENFORCED_OP_SELF_CHANGE;
    bool daemons;

    if (!control)
        return 0;
    switch (inode->i_sb->s_magic) {
    case PROC_MAGIC:
        operation = ENFORCED_OP_SELF_PROCESS;
        daemons = is_daemons_process_file(control, (__u64)BPF_CORE_READ(file, f_inode));
        break;
    case CGROUP2_MAGIC:
        operation = ENFORCED_OP_SELF_CGROUP;
        daemons = is_daemons_cgroup_file(control, dentry);
        break;
    default: /* below an overlay, up to 6.4, the dentry is the one above, and the inode the one below */
        daemons = guard_bits(inode->i_ino, inode->i_sb->s_dev, ENFORCED_GUARD_FILE) & ENFORCED_GUARD_OWN ||
                  guard_of(dentry) & ENFORCED_GUARD_OWN;
    }
    return daemons ? ask_cell(subject, guard_cell(subject), operation, dentry, file->f_path.mnt) : 0;
}

#endif
