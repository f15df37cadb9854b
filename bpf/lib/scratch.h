/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Working memory of the hooks. It belongs to the task, not to the CPU: LSM programs are preempted, and two
 * tasks that took turns on a per-CPU buffer would be judged by each other's paths. A task is in one hook at a
 * time, so one piece for each task is enough. Only governed tasks have it. */
#ifndef ENFORCED_LIB_SCRATCH_H
#define ENFORCED_LIB_SCRATCH_H

#include "maps.h"

/* Components of a name, and directories between the root of a mount and that of its file system. What is
 * deeper does not resolve. */
#define ENFORCED_DEPTH_MAX 64U
#define ENFORCED_NAME_BYTES 256U /* NAME_MAX, and room for the verifier's rounding */

/* One component on the way up. The addresses are read through bpf_probe_read_kernel() only: the pointers of a
 * walk that began at a mount's address are not ones that the verifier would follow. */
struct component {
    __u64 name;
    __u64 ino;
    __u32 length;
    __u32 pad;
};

/* Where a walk stands, and what it found. */
struct walk {
    __u64 dentry;
    __u64 mount; /* struct vfsmount */
    __u64 mount_root;
    __u64 root;
    __u64 root_mount;
    __u64 top; /* the dentry at which the object's own mount begins (or the walk ended, if that was before) */
    __u32 own; /* components within the object's own mount: components[0 .. own) */
    __u32 count; /* components in all */
    __u32 above; /* from `top` to the root of the file system: over[0 .. above) */
    __u32 crossed;
    __u32 resolved; /* the walk ended at the unit's root */
    __u32 dev;

    __u32 bank;
    __u32 set;
    struct enforced_dfa dfa;
    __u32 state;       /* by name */
    __u32 identity[2]; /* by identity; 0: no anchor was met. More than two differing ones: `confused` */
    __u32 confused;
    __u32 mode; /* of a descent: WALK_NAME, WALK_IDENTITY or both */
    __u32 begin;
    __u32 pad;
    struct component components[ENFORCED_DEPTH_MAX];
    struct component over[ENFORCED_DEPTH_MAX];
    unsigned char name[ENFORCED_NAME_BYTES];
};

struct scratch {
    struct walk walk;
    struct enforced_unit unit;
    struct enforced_event event;
    char slack[ENFORCED_NAME_BYTES]; /* event.exe may be written past its end by a name, as far as the
                                        verifier knows */
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct scratch);
} scratches SEC(".maps") __weak;

static __always_inline struct scratch* get_scratch(void) {
    return bpf_task_storage_get(&scratches, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

#endif
