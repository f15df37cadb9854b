/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks: one number for each place where the kernel asks us, shared by the programs (which answer a
 * canary under it), the probe that finds out what works, and the compiler that says which rules wait on what.
 *
 * ENFORCED_HOOKS(X) expands X(name, kind) where kind is lsm, cgroup, trace, watch or iter. A `watch`
 * program decides nothing by itself; an `iter` program runs when the daemon has it run. */
#ifndef ENFORCED_ABI_HOOK_H
#define ENFORCED_ABI_HOOK_H

#define ENFORCED_HOOKS(X)                                                                                    \
    X(file_open, lsm)                                                                                        \
    X(file_receive, lsm)                                                                                     \
    X(file_ioctl, lsm)                                                                                       \
    X(file_ioctl_compat, lsm)                                                                                \
    X(file_truncate, lsm)                                                                                    \
    X(path_truncate, lsm)                                                                                    \
    X(path_mknod, lsm)                                                                                       \
    X(path_mkdir, lsm)                                                                                       \
    X(path_symlink, lsm)                                                                                     \
    X(path_unlink, lsm)                                                                                      \
    X(path_rmdir, lsm)                                                                                       \
    X(path_rename, lsm)                                                                                      \
    X(path_link, lsm)                                                                                        \
    X(path_chmod, lsm)                                                                                       \
    X(path_chown, lsm)                                                                                       \
    X(path_chroot, lsm)                                                                                      \
    X(inode_setattr, lsm)                                                                                    \
    X(inode_setxattr, lsm)                                                                                   \
    X(inode_removexattr, lsm)                                                                                \
    X(inode_set_acl, lsm)                                                                                    \
    X(inode_remove_acl, lsm)                                                                                 \
    X(inode_file_setattr, lsm)                                                                               \
    X(sb_mount, lsm)                                                                                         \
    X(sb_umount, lsm)                                                                                        \
    X(sb_remount, lsm)                                                                                       \
    X(sb_pivotroot, lsm)                                                                                     \
    X(move_mount, lsm)                                                                                       \
    X(bprm_check_security, lsm)                                                                              \
    X(bprm_committed_creds, lsm)                                                                             \
    X(mmap_file, lsm)                                                                                        \
    X(file_mprotect, lsm)                                                                                    \
    X(socket_create, lsm)                                                                                    \
    X(socket_connect, lsm)                                                                                   \
    X(socket_bind, lsm)                                                                                      \
    X(socket_listen, lsm)                                                                                    \
    X(socket_accept, lsm)                                                                                    \
    X(inet_conn_request, lsm)                                                                                \
    X(socket_sendmsg, lsm)                                                                                   \
    X(sctp_bind_connect, lsm)                                                                                \
    X(capable, lsm)                                                                                          \
    X(kernel_module_request, lsm)                                                                            \
    X(kernel_read_file, lsm)                                                                                 \
    X(kernel_load_data, lsm)                                                                                 \
    X(bpf, lsm)                                                                                              \
    X(userns_create, lsm)                                                                                    \
    X(uring_allowed, lsm)                                                                                    \
    X(inode_init_security_anon, lsm)                                                                         \
    X(perf_event_open, lsm)                                                                                  \
    X(key_alloc, lsm)                                                                                        \
    X(key_permission, lsm)                                                                                   \
    X(sb_kern_mount, lsm)                                                                                    \
    X(ptrace_access_check, lsm)                                                                              \
    X(task_kill, lsm)                                                                                        \
    X(task_setrlimit, lsm)                                                                                   \
    X(task_setnice, lsm)                                                                                     \
    X(task_setscheduler, lsm)                                                                                \
    X(task_setioprio, lsm)                                                                                   \
    X(task_movememory, lsm)                                                                                  \
    X(file_send_sigiotask, lsm)                                                                              \
    X(file_lock, lsm)                                                                                        \
    X(path_notify, lsm)                                                                                      \
    X(bpf_map, lsm)                                                                                          \
    X(bpf_prog, lsm)                                                                                         \
    X(file_fcntl, lsm)                                                                                       \
    X(unix_stream_connect, lsm)                                                                              \
    X(unix_may_send, lsm)                                                                                    \
    X(task_alloc, lsm)                                                                                       \
    X(cgroup_mkdir, trace)                                                                                   \
    X(cgroup_attach_task, trace)                                                                             \
    X(sched_process_exit, trace)                                                                             \
    X(iter_task, iter)                                                                                       \
    X(mnt_want_write, watch)                                                                                 \
    X(mnt_want_write_file, watch)                                                                            \
    X(cgroup_connect4, cgroup)                                                                               \
    X(cgroup_connect6, cgroup)                                                                               \
    X(cgroup_sendmsg4, cgroup)                                                                               \
    X(cgroup_sendmsg6, cgroup)                                                                               \
    X(cgroup_bind4, cgroup)                                                                                  \
    X(cgroup_bind6, cgroup)                                                                                  \
    X(cgroup_sock_create, cgroup)                                                                            \
    X(cgroup_egress, cgroup)

enum enforced_hook {
#define ENFORCED_HOOK_ENUM(name, kind) ENFORCED_HOOK_##name,
    ENFORCED_HOOKS(ENFORCED_HOOK_ENUM)
#undef ENFORCED_HOOK_ENUM
        ENFORCED_HOOK_COUNT,
};

#endif
