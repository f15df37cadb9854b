/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd-executor: since 254 PID 1 does not set up a unit in the child that it forked, but lets the child
 * exec this program first. That exec, the first of a child that PID 1 itself forked, is the manager's; the
 * next one is the unit's own program. */
#ifndef ENFORCED_LIB_EXECUTOR_H
#define ENFORCED_LIB_EXECUTOR_H

#include "subject.h"

static __always_inline bool called(struct dentry* dentry, const char* name, __u32 size) {
    char read[24] = {};

    bpf_probe_read_kernel_str(read, sizeof(read), BPF_CORE_READ(dentry, d_name.name));
    for (__u32 i = 0; i < size; i++) {
        if (read[i] != name[i])
            return false;
    }
    return true;
}

/* Whether this exec is of systemd-executor. The file's name and owner are looked at so that, on a systemd
 * without it, a program that an administrator happens to start first is not taken for it. PID 1 holds the
 * file open, so that it may be deleted by now (an upgrade). */
static __always_inline bool is_executor(const struct enforced_control* control, struct linux_binprm* bprm) {
    struct file* file = BPF_CORE_READ(bprm, file);
    struct dentry* dentry = BPF_CORE_READ(file, f_path.dentry);

    return control->executor && called(dentry, "systemd-executor", sizeof("systemd-executor")) &&
           called(BPF_CORE_READ(dentry, d_parent), "systemd", sizeof("systemd")) &&
           BPF_CORE_READ(file, f_inode, i_uid.val) == 0 && !(BPF_CORE_READ(file, f_inode, i_mode) & 022);
}

#endif
