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

/* What is asked about. Hooks fill it in from the pointers that they are given, which costs next to nothing;
 * whoever has only an address reads it. */
struct object {
    __u64 dentry;
    __u64 mount;      /* struct vfsmount; 0: it is not known through which mount the object was reached */
    __u64 mount_root; /* the dentry at which that mount begins */
    __u64 parent;
    __u64 name;
    __u64 ino;
    __u32 length;
    __u32 dev;
    __u32 renames; /* rename_lock's sequence number before all this was read */
    __u32 links;   /* names that the object has */
    __u64 parent_ino;
    __u32 parent_generation;
    __u32 mounts; /* mount_lock's sequence number, likewise */
};

/* A directory as it is reached through a mount, for a set of rules. */
struct directory_key {
    __u64 dentry;
    __u64 mount;
    __u64 ino;
    __u64 root;
    __u32 inode_generation;
    __u32 rules; /* generation and set */
};

/* The one whose name is looked for, and the sequence numbers of before it was looked at. */
struct place {
    struct directory_key key;
    __u32 renames;
    __u32 mounts;
};

/* Where the automaton stands behind a directory's name, as it is remembered; see name.h. */
struct directory {
    struct place place;
    __u32 state;
    __u32 identity[2];
    __u32 pad;
    __u64 check;
};

/* The automaton's states for an object. */
struct name {
    __u32 state;
    __u32 identity[2]; /* 0: no anchor was met */
    __u32 resolved;
};

/* Where a walk stands, and what it found. */
struct walk {
    __u64 dentry;
    __u64 mount;
    __u64 mount_root;
    __u64 top; /* the dentry at which the object's own mount begins (or the walk ended, if that was before) */
    __u32 own; /* components within the object's own mount: components[0 .. own) */
    __u32 count; /* components in all */
    __u32 above; /* from `top` to the root of the file system: over[0 .. above) */
    __u32 crossed;
    __u32 resolved; /* the walk ended at the unit's root */
    __u32 confused; /* more than two anchors that differ */
    __u32 mode;     /* of a descent: WALK_NAME, WALK_IDENTITY or both */
    __u32 begin;    /* of a descent: the number of components; of spelling: the place reached */
    __u32 end;      /* of spelling: where the buffer begins */
    __u32 renames;  /* sequence number of rename_lock when the walk began */
    __u32 mounts;   /* of mount_lock */
    __u32 pad;
    struct component components[ENFORCED_DEPTH_MAX];
    struct component over[ENFORCED_DEPTH_MAX];
};

/* As much of a text as is matched at once: verifiers follow a loop through all its rounds. */
#define ENFORCED_CHUNK 32U
struct chunk {
    unsigned char bytes[ENFORCED_CHUNK];
};

struct text {
    union {
        unsigned char bytes[ENFORCED_NAME_BYTES];
        struct chunk chunks[ENFORCED_NAME_BYTES / ENFORCED_CHUNK];
    };
};

/* Of a linked file's earlier name. What is longer is cut: a rule on what is further down does not see it. */
#define ENFORCED_LINK_PATH_MAX 1024

/* The value of map `links`. */
struct link_name {
    __u32 length;
    __u32 pad;
    unsigned char path[ENFORCED_LINK_PATH_MAX];
};

/* A search for the unit to which a cgroup belongs. Here, since the stack is short. */
struct unit_search {
    __u64 cgroup;
    __u64 found;
    __u64 below;  /* the topmost of those below `found` that is not a slice */
    __u32 offset; /* of the path, which grows from the end of unit.path */
    __u32 users;  /* where in it begins what a user's manager has made */
    __u32 failed;
    __u32 pad;
};

/* What an event says of when and how often. */
struct announcement {
    __u64 time;   /* CLOCK_BOOTTIME, ns */
    __u64 repeat; /* key in `repeats`; 0: there was no room */
    __u64 total;
};

struct scratch {
    /* Of the subject: what a walk needs to know of it. */
    __u64 root;
    __u64 root_mount; /* 0: whatever the mount */
    __u64 top;        /* where names begin, too, if a walk ends there; 0: nowhere */
    __u32 set;
    __u32 bank;
    __u32 by_identity; /* some deny or kill rule speaks of paths */
    __u32 generation;
    struct enforced_dfa paths;

    struct object object;
    struct place place; /* the directory whose name is looked for */
    struct directory directory;
    struct name name; /* of the object */
    struct name old;  /* of what is renamed or linked, while `name` is that of its new name */
    struct walk walk;
    struct text text;

    struct link_name link;
    __u64 cgroup; /* address of the cgroup whose unit is looked for */
    struct enforced_unit unit;
    struct unit_search search;
    struct announcement announcement;
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

/* Folds a value into a hash. */
static __always_inline __u64 mix(__u64 hash, __u64 value) {
    hash ^= value;
    hash *= 0xff51afd7ed558ccdULL;
    return hash ^ hash >> 32;
}

/* An address that was put into memory, as the number that it is then. */
static __always_inline __u64 as_number(const __u64* memory) {
    return *(const volatile __u64*)memory;
}

/* The pieces that take longest to verify are global functions (weak, as each program file has them): the
 * verifier looks at those once, and not at each call. They take plain memory and numbers; an address of the
 * kernel's becomes a number by way of memory. */
#define ENFORCED_GLOBAL __noinline __weak

#endif
