/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record in the ring buffer `events`: one refused, would-be refused or audited operation, the first of
 * its kind in a window; how many more there were is in `repeats`. */
#ifndef ENFORCED_ABI_EVENT_H
#define ENFORCED_ABI_EVENT_H

#include <linux/types.h>

#define ENFORCED_EVENT_VERSION 1U
#define ENFORCED_REPEAT_WINDOW_NS 200000000ULL /* equal operations closer than this share an event */
#define ENFORCED_OBJECT_MAX 1024U              /* a longer name keeps its end */
#define ENFORCED_EXE_MAX 512U

enum enforced_class {
    ENFORCED_CLASS_FILE = 1,
    ENFORCED_CLASS_EXEC = 2,
    ENFORCED_CLASS_NETWORK = 3,
    ENFORCED_CLASS_CAPABILITY = 4,
    ENFORCED_CLASS_KERNEL = 5,
    ENFORCED_CLASS_SELF = 6, /* self-protection: of no policy; its rule is number 0 */
};

/* What was tried, finer than enum enforced_access where the same access is asked at several places. */
enum enforced_operation {
    ENFORCED_OP_READ = 1,
    ENFORCED_OP_WRITE,
    ENFORCED_OP_CREATE,
    ENFORCED_OP_DELETE,
    ENFORCED_OP_RENAME,
    ENFORCED_OP_LINK,
    ENFORCED_OP_ATTR,
    ENFORCED_OP_MOUNT,
    ENFORCED_OP_CHROOT,
    ENFORCED_OP_RUN,
    ENFORCED_OP_MAP,
    ENFORCED_OP_ANONYMOUS,
    ENFORCED_OP_WRITABLE_MEMORY,
    ENFORCED_OP_FAMILY,
    ENFORCED_OP_CONNECT,
    ENFORCED_OP_BIND,
    ENFORCED_OP_ACCEPT,
    ENFORCED_OP_UNIX,
    ENFORCED_OP_CAPABILITY,
    /* In the order of enum enforced_kernel_key. */
    ENFORCED_OP_KERNEL_MOUNT = 64,
    ENFORCED_OP_KERNEL_PTRACE,
    ENFORCED_OP_KERNEL_SIGNAL,
    ENFORCED_OP_KERNEL_MODULES,
    ENFORCED_OP_KERNEL_BPF,
    ENFORCED_OP_KERNEL_USER_NAMESPACE,
    ENFORCED_OP_KERNEL_IO_URING,
    ENFORCED_OP_KERNEL_PERF,
    ENFORCED_OP_KERNEL_KEYRING,
    ENFORCED_OP_KERNEL_TUNABLES,
    ENFORCED_OP_KERNEL_SYSTEMD,
    /* What is done to the daemon. */
    ENFORCED_OP_SELF_SIGNAL = 96,
    ENFORCED_OP_SELF_TRACE,
    ENFORCED_OP_SELF_LIMIT,
    ENFORCED_OP_SELF_PROCESS,
    ENFORCED_OP_SELF_CGROUP,
    ENFORCED_OP_SELF_BPF,
    ENFORCED_OP_SELF_CHANGE,
    ENFORCED_OP_SELF_LOCK,
    ENFORCED_OP_SELF_MOUNT,
};
#define ENFORCED_OP_SELF ENFORCED_OP_SELF_SIGNAL
#define ENFORCED_OP_KERNEL(key) (0U + ENFORCED_OP_KERNEL_MOUNT + (key)) /* of enum enforced_kernel_key */

/* kernel.modules: what is loaded, where that has no name. */
#define ENFORCED_LOADS_MODULE 1U /* or is removed */
#define ENFORCED_LOADS_KERNEL 2U /* to be booted by kexec */

/* What of the daemon's processes is limited. */
#define ENFORCED_LIMITS_RESOURCE 1U
#define ENFORCED_LIMITS_NICE 2U
#define ENFORCED_LIMITS_SCHEDULER 3U
#define ENFORCED_LIMITS_IO 4U
#define ENFORCED_LIMITS_MEMORY 5U

/* kernel.ptrace: what for. */
#define ENFORCED_LOOKS_INTO 1U
#define ENFORCED_TAKES_OVER 2U

#define ENFORCED_EVENT_OBJECT_CUT 1U /* the beginning of the object's name is missing */
#define ENFORCED_EVENT_EXE_CUT 2U
#define ENFORCED_EVENT_UNRESOLVED 4U  /* the name does not lead to the unit's root */
#define ENFORCED_EVENT_BY_IDENTITY 8U /* refused because of what the object is, not of its name here */
#define ENFORCED_EVENT_DUAL 32U /* bind: the socket serves IPv4 as well, and 0.0.0.0 was asked about too */
#define ENFORCED_EVENT_USER_NAMESPACE                                                                        \
    16U /* capability: over what a user namespace holds, not over the machine */

struct enforced_event {
    __u32 version;
    __u32 flags;
    __u64 time;   /* CLOCK_BOOTTIME, ns */
    __u64 unit;   /* cgroup id of the unit */
    __u64 repeat; /* key in `repeats` */
    __u64 total;  /* of that key, this one included */
    __u32 rule;   /* id */
    __u32 verdict;
    __u32 operation;
    __u32 class_; /* enum enforced_class */
    __u32 pid;    /* of the process (tgid), initial pid namespace */
    __u32 tid;
    __u32 uid; /* initial user namespace */
    __u32 gid;
    char comm[16];
    __u64 ino;
    __u32 dev;
    __u16 family;   /* network: AF_* */
    __u16 protocol; /* network: IPPROTO_* */
    __u16 port;     /* network: host order */
    __u16 type;     /* network: SOCK_*, for ENFORCED_OP_FAMILY */
    __u32 object_length;
    __u32 exe_length;
    __u8 address[16]; /* network: 4 or 16 bytes, network order */
    /* capability: CAP_*; kernel.bpf: BPF_*; kernel.signal: SIG*; kernel.modules, .ptrace: ENFORCED_* above */
    __u32 number;
    char object[ENFORCED_OBJECT_MAX]; /* the last object_length bytes of it, at its end */
    char exe[ENFORCED_EXE_MAX];       /* likewise */
};

#endif
