/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done to the daemon, where no rule speaks of the same; the other hooks ask lib/guard.h on their way.
 *
 *   task_setrlimit         limits, such as RLIMIT_CPU, RLIMIT_NOFILE
 *   task_setnice, task_setscheduler, task_setioprio, task_movememory
 *                          its share of the processors and disks
 *   file_send_sigiotask    the signal of a file that was told to send it there
 *   file_lock              locks and leases on what it opens
 *   path_notify            fanotify, by which opening a file can be made to wait for somebody's permission
 *   bpf_map, bpf_prog      a descriptor of one of its maps or programs, by number or by pin */
#include "lib/guard.h"

static __always_inline int limit(const struct subject* subject, __u32 what, struct task_struct* target) {
    return guard_process(subject, ENFORCED_OP_SELF_LIMIT, what, target);
}

SEC("lsm/task_setrlimit")
int BPF_PROG(task_setrlimit, struct task_struct* target, unsigned int resource, void* fresh, int ret) {
    ENFORCED_MEET(task_setrlimit, ret, subject);
    return limit(&subject, ENFORCED_LIMITS_RESOURCE, target);
}

SEC("lsm/task_setnice")
int BPF_PROG(task_setnice, struct task_struct* target, int nice, int ret) {
    ENFORCED_MEET(task_setnice, ret, subject);
    return limit(&subject, ENFORCED_LIMITS_NICE, target);
}

SEC("lsm/task_setscheduler")
int BPF_PROG(task_setscheduler, struct task_struct* target, int ret) {
    ENFORCED_MEET(task_setscheduler, ret, subject);
    return limit(&subject, ENFORCED_LIMITS_SCHEDULER, target);
}

SEC("lsm/task_setioprio")
int BPF_PROG(task_setioprio, struct task_struct* target, int priority, int ret) {
    ENFORCED_MEET(task_setioprio, ret, subject);
    return limit(&subject, ENFORCED_LIMITS_IO, target);
}

SEC("lsm/task_movememory")
int BPF_PROG(task_movememory, struct task_struct* target, int ret) {
    ENFORCED_MEET(task_movememory, ret, subject);
    return limit(&subject, ENFORCED_LIMITS_MEMORY, target);
}

/* The daemon has no file send it signals, so none comes. Who told the file to is not known here: it is asked
 * where that is done, see file_fcntl. What runs now may have been interrupted within a hook, so that nothing
 * is used here but the counter. */
SEC("lsm/file_send_sigiotask")
int BPF_PROG(file_send_sigiotask, struct task_struct* target, void* owner, int signal, int ret) {
    struct enforced_control* control = get_control();

    if (ret || !control)
        return ret;
    if (canary(control, ENFORCED_HOOK_file_send_sigiotask))
        return -ENFORCED_EOWNERDEAD;
    if (!control->generation || !is_daemon(control, target))
        return 0;
    count(ENFORCED_STAT_SIGNALS_KEPT);
    return -ENFORCED_EPERM;
}

SEC("lsm/file_lock")
int BPF_PROG(file_lock, struct file* file, unsigned int command, int ret) {
    ENFORCED_MEET(file_lock, ret, subject);
    return guard_object(&subject, ENFORCED_OP_SELF_LOCK, file->f_path.dentry, file->f_path.mnt,
                        ENFORCED_GUARD_OWN);
}

/* include/uapi/linux/fanotify.h: FAN_OPEN_PERM, FAN_ACCESS_PERM, FAN_OPEN_EXEC_PERM */
#define PERMISSION_EVENTS 0x70000

/* A mark on a mount or a file system is for all of its files: then what counts is what that has at its root,
 * which is on the way to what is guarded if anything there is. */
SEC("lsm/path_notify")
int BPF_PROG(path_notify, const struct path* path, unsigned long long mask, unsigned int type, int ret) {
    ENFORCED_MEET(path_notify, ret, subject);
    struct dentry* dentry = path->dentry;

    if (!(mask & PERMISSION_EVENTS))
        return 0;
    if (guard_object(&subject, ENFORCED_OP_SELF_LOCK, BPF_CORE_READ(dentry, d_sb, s_root), path->mnt,
                     ENFORCED_GUARD_OWN | ENFORCED_GUARD_ABOVE))
        return -ENFORCED_EPERM;
    return 0;
}

SEC("lsm/bpf_map")
int BPF_PROG(bpf_map, struct bpf_map* map, unsigned int mode, int ret) {
    ENFORCED_MEET(bpf_map, ret, subject);
    return guard_bits(map->id, 0, ENFORCED_GUARD_MAP) ? guard_deed(&subject, ENFORCED_OP_SELF_BPF, 0, 0) : 0;
}

SEC("lsm/bpf_prog")
int BPF_PROG(bpf_prog, struct bpf_prog* program, int ret) {
    ENFORCED_MEET(bpf_prog, ret, subject);
    return guard_bits(program->aux->id, 0, ENFORCED_GUARD_PROGRAM)
               ? guard_deed(&subject, ENFORCED_OP_SELF_BPF, 1, 0)
               : 0;
}
