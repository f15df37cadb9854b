/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the maps hold: keys and values that cross the line between the daemon and the programs. Fixed widths,
 * explicit padding; any change of a layout here raises ENFORCED_ABI_VERSION, and a daemon does not adopt pins
 * of another version.
 *
 * Rules are loaded in generations. Generation g lies in the banks and sets of parity g & 1, the other parity
 * being free for generation g + 1; one store to control.generation brings the next one into force for every
 * unit at once.
 */
#ifndef ENFORCED_ABI_POLICY_H
#define ENFORCED_ABI_POLICY_H

#include "hook.h"
#include "table.h"

#define ENFORCED_ABI_VERSION 8U

#define ENFORCED_BANKS 4U  /* of one parity; the map `banks` has twice as many */
#define ENFORCED_SETS 256U /* of one parity; set ids are parity * SETS + index, index 0 is never used */
#define ENFORCED_UNIT_PATH_MAX 512U
#define ENFORCED_FAMILIES 64U
#define ENFORCED_CAPABILITIES 64U

/* What the section [kernel] speaks of. */
enum enforced_kernel_key {
    ENFORCED_KERNEL_MOUNT,
    ENFORCED_KERNEL_PTRACE,
    ENFORCED_KERNEL_SIGNAL,
    ENFORCED_KERNEL_MODULES,
    ENFORCED_KERNEL_BPF,
    ENFORCED_KERNEL_USER_NAMESPACE,
    ENFORCED_KERNEL_IO_URING,
    ENFORCED_KERNEL_PERF,
    ENFORCED_KERNEL_KEYRING,
    ENFORCED_KERNEL_TUNABLES,
    ENFORCED_KERNEL_SYSTEMD,
    ENFORCED_KERNEL_KEYS,
};

/* Where an automaton of unit names lies. Its accept cells hold the index of the set within its parity: the
 * bytes of a plan are the same in either. */
struct enforced_names {
    __u32 bank;       /* index into `banks`, parity included */
    __u32 user_units; /* 1: some policy speaks of units of users' managers */
    struct enforced_dfa dfa;
};

/* The daemon, which no governed unit touches; see lib/guard.h. 0 where nothing is known. */
#define ENFORCED_DAEMON_LEVELS 8U
#define ENFORCED_DAEMON_NAME 64U
struct enforced_daemon {
    __u64 cgroup; /* its unit's; cgroup_mkdir puts here the one that PID 1 makes anew */
    __u64 above[ENFORCED_DAEMON_LEVELS]; /* the cgroups above that one, from the nearest on */
    __u32 pid;                           /* of its process, in the machine's own namespace */
    __u32 mount_namespace;               /* the number of the one that it is in */
    char name[ENFORCED_DAEMON_NAME];     /* of its unit, ended by zeros */
};

/* map `control`, one element: the first thing that every program reads. */
struct enforced_control {
    __u32 abi;
    __u32 generation; /* 0: nothing is loaded, nothing is governed */
    __u32 canary;     /* tgid of the process whose hooks answer the canary; 0: none */
    __u32 executor;   /* 1: this systemd execs systemd-executor before the unit's own program (since 254) */
    /* The one hook that refuses the canary; at all others it is seen, and passes: an exec would not get to
     * bprm_check_security if file_open refused it. */
    __u32 canary_hook;
    __u32 lsm; /* written by the programs: LSM hooks are asked, so that the cgroup programs only refuse */
    struct enforced_names names[2]; /* by parity */
    struct enforced_daemon daemon;
    /* Written by the programs: address of the dentry that is PID 1's root, where the names of sockets begin.
     */
    __u64 root;
    /* Written by the programs: hooks at which the canary was seen. */
    __u64 fired[(ENFORCED_HOOK_COUNT + 63) / 64];
};

/* map `sets`, by set id: the policies of one unit, compiled into one. A unit that no policy names has set 0.
 */
struct enforced_set {
    __u32 bank;                  /* index into `banks`, parity included */
    __u32 flags;                 /* ENFORCED_SET_* */
    struct enforced_dfa paths;   /* file and exec rules, and those about local sockets */
    struct enforced_dfa network; /* connect, bind and accept */
    struct enforced_dfa release; /* units into which PID 1 may move a task out of this set */
    __u32 families; /* cell index: a verdict cell for each address family, then one each for raw and packet
                       types */
    __u32 rules;    /* cell index: ids of the set's rules, in the order of the verdict cells' rule indices */
    __u32 rule_count;
    __u32 capabilities; /* cell index: a verdict cell for each capability */
    __u32 kernel;       /* cell index: a verdict cell for each key of [kernel] */
    __u32 pad;
    __u64 unresolved;      /* verdict cell: an object whose name does not lead to the unit's root */
    __u64 guard;           /* verdict cell: mount, umount, pivot_root, and chroot to what no rule allows */
    __u64 anonymous;       /* verdict cell: running or mapping what has no name */
    __u64 writable_memory; /* verdict cell: executing memory that was written */
};
#define ENFORCED_SET_FILE (1U << 0)     /* has file rules, and with them the guard */
#define ENFORCED_SET_EXEC (1U << 1)     /* restricts what is run and mapped */
#define ENFORCED_SET_FAMILIES (1U << 2) /* restricts socket families */
#define ENFORCED_SET_NETWORK (1U << 3)  /* has connect or bind rules or default = "deny" */
#define ENFORCED_SET_IDENTITY                                                                                \
    (1U << 4) /* some deny or kill rule speaks of paths: identity must be looked at */
#define ENFORCED_SET_CAPABILITY (1U << 5)             /* restricts capabilities */
#define ENFORCED_SET_AUDIT (1U << 6)                  /* all of its policies are in mode "audit" */
#define ENFORCED_SET_UNIX (1U << 7)                   /* restricts local sockets */
#define ENFORCED_SET_ACCEPT (1U << 8)                 /* restricts whose connections are accepted */
#define ENFORCED_SET_KERNEL(key) (1U << (16 + (key))) /* restricts that */

/* map `units`, by the id of the unit's own cgroup: the governed units and those that were governed. A unit of
 * a user's manager is one only where its set is another than that of the manager's own unit. */
struct enforced_unit {
    __u64 found; /* high half: its set; low half: the generation for which that was found out */
    __u32 path_length;
    __u32 name_offset;                 /* of the unit's name in `path` */
    char path[ENFORCED_UNIT_PATH_MAX]; /* as the automaton of unit names reads it, see table.h */
    __u64 manager;                     /* of a unit of a user's manager: that manager's own unit, else 0 */
};

/* map `cgroups`, by cgroup id: the unit of each cgroup of a governed unit, its own and those below it. */
struct enforced_cgroup {
    __u64 unit;
};

/* Task storage `labels`. A governed task keeps its label wherever it moves. */
enum enforced_phase {
    ENFORCED_PAYLOAD,  /* the unit's own program, or nothing to do with a unit */
    ENFORCED_FORKED,   /* forked by PID 1, has not exec'ed yet: the manager's doing */
    ENFORCED_EXECUTOR, /* runs systemd-executor on behalf of PID 1: the manager's doing still */
    ENFORCED_DAEMON,   /* the daemon, and what it forks: governed by nothing, touched by nobody governed */
};
struct enforced_label {
    __u64 unit;       /* 0: none that is known; a known one may still have no set */
    __u64 cgroup;     /* of a task that is not governed: where it was found not to be */
    __u32 generation; /* for which `set` was found out */
    __u32 set;
    __u32 phase;
    __u32 helper; /* forked by a task in the manager's phase: exempt only as long as that phase lasts */
    __u64 launch; /* which phase of the manager's; key of map `launches` */
    /* Addresses of the dentry and of the mount that were the task's root when its unit's program was exec'ed:
     * where names begin, whatever the task makes its root later. */
    __u64 root;
    __u64 root_mount;
    __u64 write_mount; /* address of the mount that the task last asked to write to, and how; see
                          mnt_want_write */
};

/* map `anchors`: directories and files that deny and kill rules name, found by the daemon in the file system.
 */
struct enforced_anchor_key {
    __u64 ino;
    __u32 dev; /* the kernel's dev_t: major << 20 | minor */
    __u32 set;
};
struct enforced_anchor {
    __u32 state; /* of the set's path automaton after the name under which the object was found */
    __u32 pad;
};

/* map `guards`: what is the daemon's, by what it is and not by what it is called. The daemon writes. */
enum enforced_guard_kind {
    ENFORCED_GUARD_FILE = 1, /* number: the inode; device: that of its file system, as in anchors */
    ENFORCED_GUARD_MAP,      /* number: the kernel's id of it; likewise: */
    ENFORCED_GUARD_PROGRAM,
    ENFORCED_GUARD_LINK,
};
struct enforced_guard_key {
    __u64 number;
    __u32 device;
    __u32 kind;
};
/* The value. */
#define ENFORCED_GUARD_OWN 1U    /* it, and what is below it */
#define ENFORCED_GUARD_ABOVE 2U  /* a directory on the way there */
#define ENFORCED_GUARD_DAEMON 4U /* the daemon's program */

/* map `counters`: exact, whatever happens to events. */
struct enforced_counter_key {
    __u64 unit;
    __u32 rule; /* id */
    __u32 verdict;
};

struct enforced_counter {
    __u64 total;
    __u64 announced; /* CLOCK_BOOTTIME ns when an event of these was last put into the ring */
};

/* map `repeats`, by a hash of (unit, rule, verdict, operation, object): how often in all. Only ever grows. It
 * says enough by itself for the daemon to report what it counts when the event was lost. */
struct enforced_repeat {
    __u64 total;
    __u64 announced; /* CLOCK_BOOTTIME ns when an event was last put into the ring for it */
    __u64 unit;
    __u32 rule; /* id */
    __u32 verdict;
    __u32 class_;
    __u32 operation;
};

/* map `statistics`, by this index: what went wrong, counted since load. */
enum enforced_statistic {
    ENFORCED_STAT_EVENTS_LOST,    /* no room in the ring buffer */
    ENFORCED_STAT_COUNTERS_FULL,  /* no room in `counters` */
    ENFORCED_STAT_REPEATS_FULL,   /* no room in `repeats` */
    ENFORCED_STAT_STORAGE_FAILED, /* no task storage: the operation was judged without it, or refused */
    ENFORCED_STAT_UNITS_FULL,     /* no room in `units` or `cgroups` */
    ENFORCED_STAT_UNRESOLVED,     /* names that did not lead to a root */
    ENFORCED_STAT_SIGNALS_KEPT,   /* signals that files would have sent the daemon */
    ENFORCED_STAT_DAEMON_MOVED,   /* the daemon was moved to another cgroup by a governed process */
    ENFORCED_STAT_COUNT,
};

#endif
