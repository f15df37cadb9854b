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
#include "lib/deed.h"
#include "lib/owner.h"
#include "lib/target.h"

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

SEC("lsm/ptrace_access_check")
int BPF_PROG(ptrace_access_check, struct task_struct* target, unsigned int mode, int ret) {
    ENFORCED_BEGIN(ptrace_access_check, ret, subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_PTRACE));
    const __u64 cell = kernel_cell(&subject, ENFORCED_KERNEL_PTRACE);

    if (is_own(&subject, target))
        return 0;
    /* The kernel leaves out a detail if it may not, such as a number in /proc/PID/stat. Nobody asked. */
    if (mode & PTRACE_MODE_NOAUDIT)
        return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(cell)) ? -ENFORCED_EPERM : 0;
    return ask_process(&subject, ENFORCED_KERNEL_PTRACE,
                       mode & PTRACE_MODE_ATTACH ? ENFORCED_TAKES_OVER : ENFORCED_LOOKS_INTO, target);
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
    ENFORCED_BEGIN(task_kill, ret, subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL));

    /* Signal 0 asks whether there is such a process, and sends nothing. */
    if (!signal || for_another(ctx) || is_own(&subject, target))
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

SEC("lsm/file_fcntl")
int BPF_PROG(file_fcntl, struct file* file, unsigned int command, unsigned long argument, int ret) {
    if (command != F_SETOWN && command != F_SETOWN_EX)
        return ret;
    ENFORCED_BEGIN(file_fcntl, ret, subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL));

    /* What F_SETOWN_EX asks for stands in memory that the process can change before the kernel reads it. */
    if (command == F_SETOWN && (!(int)argument || (int)argument == own_number()))
        return 0;
    return ask_owner(&subject);
}
