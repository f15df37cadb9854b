/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a unit does to processes that are not its own.
 *
 *   ptrace_access_check  looking into a process or taking it over: ptrace, process_vm_readv, /proc/PID/mem,
 *                        /proc/PID/root, pidfd_getfd
 *   task_kill            a signal
 *   file_fcntl           F_SETOWN: the signal that a file is to send. Who gets it is asked about when
 *                        something happens to the file, by whomever: that is too late
 *
 * FIOSETOWN and SIOCSPGRP are F_SETOWN by another name, see attribute.bpf.c; cgroup.kill and cgroup.freeze
 * are files, see lib/tunable.h. */
#include "lib/owner.h"

/* include/linux/ptrace.h */
#define PTRACE_MODE_ATTACH 0x02
#define PTRACE_MODE_NOAUDIT 0x04

/* include/uapi/asm-generic/fcntl.h */
#define F_SETOWN 8
#define F_SETOWN_EX 15

/* Judges what is done to another process, which is said by the name that it has given itself. */
static __always_inline int ask_process(const struct subject* subject, __u32 key, __u32 number,
                                       struct task_struct* target) {
    return ask_kernel(subject, key, number, (__u64)target->comm);
}

static __noinline int ask_access(const struct subject* subject, struct task_struct* target,
                                 unsigned int mode) {
    const __u64 cell = kernel_cell(subject, ENFORCED_KERNEL_PTRACE);

    if (is_own(subject, target))
        return 0;
    /* The kernel leaves out a detail if it may not, such as a number in /proc/PID/stat. Nobody asked. */
    if (mode & PTRACE_MODE_NOAUDIT)
        return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(cell)) ? -ENFORCED_EPERM : 0;
    return ask_process(subject, ENFORCED_KERNEL_PTRACE,
                       mode & PTRACE_MODE_ATTACH ? ENFORCED_TAKES_OVER : ENFORCED_LOOKS_INTO, target);
}

/* The daemon may be looked into, as ps does; by what takes it over it could be made to do anything. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(ptrace_access_check, struct task_struct* target, unsigned int mode, int ret) {
    ENFORCED_MEET(ptrace_access_check, ret, subject);

    if (mode & PTRACE_MODE_ATTACH && guard_process(&subject, ENFORCED_OP_SELF_TRACE, 0, target))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_PTRACE)))
        return 0;
    return ask_access(&subject, target, mode);
}

/* Whether a signal is sent in another's name: one that USB devices make some process send whom they happen to
 * interrupt. The pointer is null where that is not so, see has_no_file() in exec.bpf.c. */
static __always_inline bool for_another(const unsigned long long* ctx) {
    __u64 cred = 0;

    return !bpf_probe_read_kernel(&cred, sizeof(cred), ctx + 3) && cred;
}

SEC("lsm/task_kill")
int BPF_PROG(task_kill, struct task_struct* target, void* info, int signal, const struct cred* cred,
             int ret) {
    ENFORCED_MEET(task_kill, ret, subject);

    /* Signal 0 asks whether there is such a process, and sends nothing. */
    if (!signal || for_another(ctx))
        return 0;
    if (guard_process(&subject, ENFORCED_OP_SELF_SIGNAL, signal, target))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL)) || is_own(&subject, target))
        return 0;
    return ask_process(&subject, ENFORCED_KERNEL_SIGNAL, signal, target);
}

/* The number of the current process as it knows it itself. */
static __always_inline int own_number(void) {
    struct task_struct* task = bpf_get_current_task_btf();
    __u64 pid = (__u64)BPF_CORE_READ(task, group_leader, thread_pid);
    __u32 level = BPF_CORE_READ((struct pid*)pid, level);
    int number = 0;

    bpf_probe_read_kernel(&number, sizeof(number),
                          (void*)(pid + bpf_core_field_offset(struct pid, numbers) +
                                  level * bpf_core_type_size(struct upid) +
                                  bpf_core_field_offset(struct upid, nr)));
    return number;
}

/* What F_SETOWN_EX asks for stands in memory that the process can change before the kernel reads it: what
 * slips through here is met by file_send_sigiotask. */
static __always_inline int named_owner(unsigned int command, unsigned long argument) {
    int owner[2] = {}; /* struct f_owner_ex: type, pid */

    if (command == F_SETOWN)
        return argument;
    bpf_probe_read_user(owner, sizeof(owner), (void*)argument);
    return owner[1];
}

SEC("lsm/file_fcntl")
int BPF_PROG(file_fcntl, struct file* file, unsigned int command, unsigned long argument, int ret) {
    if (command != F_SETOWN && command != F_SETOWN_EX)
        return ret;
    ENFORCED_MEET(file_fcntl, ret, subject);

    if (guard_owner(&subject, named_owner(command, argument)))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL)))
        return 0;
    if (command == F_SETOWN && (!(int)argument || (int)argument == own_number()))
        return 0;
    return ask_owner(&subject);
}
