/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Self-protection: what is the daemon's, and who may not touch it.
 *
 * A governed unit may not, whatever its policies say and whatever its privileges are; if all of its policies
 * are in mode "audit", that is only reported. Who is governed by nothing may: what root does is reported. PID
 * 1, what it has forked for a unit, and the daemon itself are at their work, and nobody tells of it.
 *
 * All of it goes by what things are: the daemon's processes by their label or their cgroup, files by their
 * inodes and directories, maps, programs and links by the kernel's numbers. */
#ifndef ENFORCED_LIB_GUARD_H
#define ENFORCED_LIB_GUARD_H

#include "deed.h"
#include "target.h"
#include "text.h"

#define CGROUP2_MAGIC 0x63677270

/* How far above an object it is looked for what is guarded: policy.d/NAME.toml.d/FILE, and to spare. */
#define ENFORCED_GUARD_DEPTH 4

/* What is done about it; 0: nothing, and it need not be found out whether it is the daemon's. */
static __always_inline __u64 guard_cell(const struct subject* subject) {
    const struct enforced_label* label = subject->label;

    if (subject->set)
        return ENFORCED_CELL(0,
                             subject->set->flags & ENFORCED_SET_AUDIT ? ENFORCED_WOULD_DENY : ENFORCED_DENY);
    if (!label || label->phase != ENFORCED_PAYLOAD || (__u32)bpf_get_current_uid_gid())
        return 0;
    return ENFORCED_CELL(0, ENFORCED_LOG);
}

static __always_inline __u32 guard_bits(__u64 number, __u32 device, __u32 kind) {
    struct enforced_guard_key key = {.number = number, .device = device, .kind = kind};
    __u32* bits = bpf_map_lookup_elem(&guards, &key);

    return bits ? *bits : 0;
}

/* Likewise of a cgroup. */
static __always_inline __u32 guard_cgroup_bits(const struct enforced_control* control, __u64 id) {
    if (!id || !control->daemon.cgroup)
        return 0;
    if (id == control->daemon.cgroup)
        return ENFORCED_GUARD_OWN;
    for (__u32 i = 0; i < ENFORCED_DAEMON_LEVELS; i++)
        if (id == control->daemon.above[i])
            return ENFORCED_GUARD_ABOVE;
    return 0;
}

/* Directories on the way to what is guarded hold more that is, which may not be there yet: the daemon's
 * directories, its unit and the unit's drop-ins. All of it is called enforced. */
static __always_inline bool is_called_ours(__u64 dentry) {
    char name[8] = {};

    bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ((struct dentry*)dentry, d_name.name));
    return is_text(name, "enforced", sizeof(name));
}

static __noinline __u32 guard_of_address(__u64 dentry) {
    struct enforced_control* control = get_control();
    __u32 device = BPF_CORE_READ((struct dentry*)dentry, d_sb, s_dev), bits, found = 0;
    const bool cgroups = BPF_CORE_READ((struct dentry*)dentry, d_sb, s_magic) == CGROUP2_MAGIC;
    __u64 at = dentry, parent, number;

    if (!control)
        return 0;
    for (__u32 i = 0; i < ENFORCED_GUARD_DEPTH; i++) {
        number = inode_number((__u64)BPF_CORE_READ((struct dentry*)at, d_inode));
        bits = cgroups ? guard_cgroup_bits(control, number) : guard_bits(number, device, ENFORCED_GUARD_FILE);
        if (!i)
            found = bits;
        if (bits & ENFORCED_GUARD_OWN)
            return ENFORCED_GUARD_OWN;
        if (i == 1 && bits & ENFORCED_GUARD_ABOVE && is_called_ours(dentry))
            return ENFORCED_GUARD_OWN;
        parent = (__u64)BPF_CORE_READ((struct dentry*)at, d_parent);
        if (parent == at)
            break;
        at = parent;
    }
    return found;
}

/* What a dentry is to the daemon: ENFORCED_GUARD_*. */
static __always_inline __u32 guard_of(struct dentry* dentry) {
    __u64 address = (__u64)dentry;

    return guard_of_address(as_number(&address));
}

/* Judges what is done to an object that has one of the bits. */
static __noinline int guard_object(const struct subject* subject, __u32 operation, struct dentry* dentry,
                                   struct vfsmount* mount, __u32 bits) {
    const __u64 cell = guard_cell(subject);

    if (!cell || !(guard_of(dentry) & bits))
        return 0;
    return ask_cell(subject, cell, operation, dentry, mount);
}

static __always_inline int guard_change(const struct subject* subject, struct dentry* dentry,
                                        struct vfsmount* mount) {
    return guard_object(subject, ENFORCED_OP_SELF_CHANGE, dentry, mount, ENFORCED_GUARD_OWN);
}

/* Judges what is done to the daemon and is said by a number and a text. */
static __always_inline int guard_deed(const struct subject* subject, __u32 operation, __u32 number,
                                      __u64 text) {
    struct verdict verdict = {.cell = guard_cell(subject)};
    struct deed deed = {.operation = operation, .number = number, .text = text};

    return verdict.cell ? report_deed(subject, &verdict, &deed) : 0;
}

/* By its label; and, as long as PID 1 is at work for it, by its cgroup. A governed process that was moved
 * there is none. */
static __always_inline bool is_daemon(const struct enforced_control* control, struct task_struct* task) {
    struct enforced_label* label = bpf_task_storage_get(&labels, task, 0, 0);

    if (label && label->phase == ENFORCED_DAEMON)
        return true;
    if (label && label->unit)
        return false;
    return control->daemon.cgroup && BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id) == control->daemon.cgroup;
}

static __always_inline int guard_process(const struct subject* subject, __u32 operation, __u32 number,
                                         struct task_struct* target) {
    struct enforced_control* control = get_control();

    if (!control || !is_daemon(control, target))
        return 0;
    return guard_deed(subject, operation, number, (__u64)target->comm);
}

#endif
