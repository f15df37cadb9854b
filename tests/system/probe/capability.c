/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "cap NAME PATH": something for which root needs just that capability. PATH is a file; what is done to a
 * file of others, or to their process, is prepared outside: then it is theirs, or holds the number of the
 * process. */
#include "probe.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define STRANGER 65534 /* the uid and gid of somebody else */

static int do_chown(const char* path) {
    return outcome(chown(path, STRANGER, (gid_t)-1));
}

/* The bit is withheld in silence. */
static int do_fsetid(const char* path) {
    struct stat status;
    if (chmod(path, S_ISGID | 0755) || stat(path, &status))
        return untried(errno);
    return status.st_mode & S_ISGID ? 0 : EPERM;
}

static int do_kill(const char* path) {
    const pid_t process = process_in(path);
    return process < 0 ? untried(ESRCH) : outcome(kill(process, 0));
}

static int do_setgid(const char* path) {
    (void)path;
    return outcome(setgid(STRANGER));
}

static int do_setuid(const char* path) {
    (void)path;
    return outcome(setuid(STRANGER));
}

static int do_setpcap(const char* path) {
    (void)path;
    return outcome(prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0));
}

static int do_linux_immutable(const char* path) {
    int flags;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags))
        return untried(errno);
    const int immutable = flags | FS_IMMUTABLE_FL, error = outcome(ioctl(fd, FS_IOC_SETFLAGS, &immutable));
    return error || !ioctl(fd, FS_IOC_SETFLAGS, &flags) ? error : untried(errno);
}

static int do_net_admin(const char* path) {
    (void)path;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 1 << 20;
    return fd < 0 ? untried(errno) : outcome(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
}

static int do_net_raw(const char* path) {
    (void)path;
    return outcome_of_fd(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1));
}

static int do_ipc_lock(const char* path) {
    (void)path;
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none))
        return untried(errno);
    return outcome(mlock(&none, sizeof(none)));
}

/* A segment that nobody may read. */
static int do_ipc_owner(const char* path) {
    (void)path;
    const int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT);
    if (id < 0)
        return untried(errno);
    const int error = shmat(id, NULL, SHM_RDONLY) == (void*)-1 ? errno : 0;
    shmctl(id, IPC_RMID, NULL);
    return error;
}

/* There is no such module: that is as far as it gets. */
static int do_sys_module(const char* path) {
    (void)path;
    return syscall(SYS_delete_module, "et_no_such_module", 0) && errno == ENOENT ? 0 : errno;
}

static int do_sys_rawio(const char* path) {
    (void)path;
    return outcome(ioperm(0x80, 1, 1));
}

static int do_sys_chroot(const char* path) {
    (void)path;
    return outcome(chroot("/"));
}

static int do_sys_ptrace(const char* path) {
    const pid_t process = process_in(path);
    return process < 0 ? untried(ESRCH) : outcome(ptrace(PTRACE_SEIZE, process, NULL, NULL));
}

static int do_sys_pacct(const char* path) {
    (void)path;
    return outcome(acct(NULL));
}

static int do_sys_admin(const char* path) {
    (void)path;
    char name[65];
    if (gethostname(name, sizeof(name)))
        return untried(errno);
    return outcome(sethostname(name, strlen(name)));
}

static int do_sys_boot(const char* path) {
    (void)path;
    return outcome(reboot(RB_DISABLE_CAD));
}

static int do_sys_nice(const char* path) {
    (void)path;
    return outcome(setpriority(PRIO_PROCESS, 0, -1));
}

static int do_sys_resource(const char* path) {
    (void)path;
    const struct rlimit less = {1000, 1000}, more = {1000, 1001};
    if (setrlimit(RLIMIT_SIGPENDING, &less))
        return untried(errno);
    return outcome(setrlimit(RLIMIT_SIGPENDING, &more));
}

static int do_sys_time(const char* path) {
    (void)path;
    struct timex now = {0};
    if (adjtimex(&now) < 0)
        return untried(errno);
    now.modes = ADJ_ESTERROR;
    return outcome(adjtimex(&now));
}

static int do_sys_tty_config(const char* path) {
    (void)path;
    return outcome(vhangup());
}

static int do_mknod(const char* path) {
    char name[4096];
    snprintf(name, sizeof(name), "%s-null", path);
    const int error = outcome(mknod(name, S_IFCHR | 0600, 0x103));
    unlink(name);
    return error;
}

static int do_lease(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? untried(errno) : outcome(fcntl(fd, F_SETLEASE, F_RDLCK));
}

/* Sends a message to the kernel's audit system; the answer is an errno. */
static int ask_audit(uint16_t type) {
    struct {
        struct nlmsghdr header;
        struct nlmsgerr answer;
        char room[256];
    } message = {.header = {.nlmsg_len = NLMSG_LENGTH(4),
                            .nlmsg_type = type,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    if (fd < 0 || send(fd, &message, message.header.nlmsg_len, 0) < 0)
        return untried(errno);
    while (recv(fd, &message, sizeof(message), 0) > 0) {
        if (message.header.nlmsg_type == NLMSG_ERROR)
            return -message.answer.error;
    }
    return untried(errno);
}

static int do_audit_write(const char* path) {
    (void)path;
    return ask_audit(AUDIT_USER);
}

static int do_audit_control(const char* path) {
    (void)path;
    return ask_audit(AUDIT_GET);
}

static int do_audit_read(const char* path) {
    (void)path;
    const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = AUDIT_NLGRP_READLOG};
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    return fd < 0 ? untried(errno) : outcome(bind(fd, (const struct sockaddr*)&group, sizeof(group)));
}

static int do_setfcap(const char* path) {
    const struct vfs_cap_data capability = {.magic_etc = VFS_CAP_REVISION_2};
    return outcome(setxattr(path, "security.capability", &capability, sizeof(capability), 0));
}

static int do_syslog(const char* path) {
    (void)path;
    return outcome(klogctl(10, NULL, 0));
}

static int do_wake_alarm(const char* path) {
    (void)path;
    return outcome_of_fd(timerfd_create(CLOCK_REALTIME_ALARM, TFD_CLOEXEC));
}

/* Events of all processes and of the kernel. */
static int do_perfmon(const char* path) {
    (void)path;
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes), .config = PERF_COUNT_SW_CPU_CLOCK};
    return outcome_of_fd((int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
}

static int do_bpf(const char* path) {
    (void)path;
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1};
    return outcome_of_fd((int)syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int do_checkpoint_restore(const char* path) {
    (void)path;
    const int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    return fd < 0 ? untried(errno) : outcome(write(fd, "1000", 4));
}

static const struct {
    const char* name;
    int (*run)(const char* path);
} all[] = {
    {"chown", do_chown},
    {"fsetid", do_fsetid},
    {"kill", do_kill},
    {"setgid", do_setgid},
    {"setuid", do_setuid},
    {"setpcap", do_setpcap},
    {"linux_immutable", do_linux_immutable},
    {"net_admin", do_net_admin},
    {"net_raw", do_net_raw},
    {"ipc_lock", do_ipc_lock},
    {"ipc_owner", do_ipc_owner},
    {"sys_module", do_sys_module},
    {"sys_rawio", do_sys_rawio},
    {"sys_chroot", do_sys_chroot},
    {"sys_ptrace", do_sys_ptrace},
    {"sys_pacct", do_sys_pacct},
    {"sys_admin", do_sys_admin},
    {"sys_boot", do_sys_boot},
    {"sys_nice", do_sys_nice},
    {"sys_resource", do_sys_resource},
    {"sys_time", do_sys_time},
    {"sys_tty_config", do_sys_tty_config},
    {"mknod", do_mknod},
    {"lease", do_lease},
    {"audit_write", do_audit_write},
    {"audit_control", do_audit_control},
    {"audit_read", do_audit_read},
    {"setfcap", do_setfcap},
    {"syslog", do_syslog},
    {"wake_alarm", do_wake_alarm},
    {"perfmon", do_perfmon},
    {"bpf", do_bpf},
    {"checkpoint_restore", do_checkpoint_restore},
};

static int op_cap(char** arguments) {
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (!strcmp(all[i].name, arguments[0]))
            return all[i].run(arguments[1]);
    return untried(EINVAL);
}

/* The same by a set-user-ID copy of this program. */
static int op_setuidcap(char** arguments) {
    char* const argv[] = {"probe", "--errno", "EPERM", "cap", arguments[1], arguments[0], NULL};
    int status;
    const pid_t child = fork();
    if (child < 0)
        return untried(errno);
    if (!child) {
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        execv(arguments[0], argv);
        _exit(2);
    }
    if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
        return untried(ECHILD);
    return WEXITSTATUS(status) ? EPERM : 0;
}

/* A filter that permits all. The kernel looks whether its owner may have one without giving up set-user-ID
 * programs, and audits nothing. */
static int op_seccomp(char** arguments) {
    (void)arguments;
    struct sock_filter permit = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
    const struct sock_fprog filter = {.len = 1, .filter = &permit};
    return outcome(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0));
}

const struct operation capability_operations[] = {
    {"cap", 2, op_cap, "NAME PATH"},
    {"setuidcap", 2, op_setuidcap, "PROGRAM NAME"},
    {"seccomp", 0, op_seccomp, ""},
    {0},
};
