/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the kernel itself, and what is done to other processes. A PATH that stands for a process
 * holds its number. */
#include "probe.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/keyctl.h>

/* There is no such protocol: the kernel looks for a module, and who asks learns of it in no way. */
static int op_autoload(char** arguments) {
    (void)arguments;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 201);
    return fd < 0 && errno == EPROTONOSUPPORT ? 0 : untried(errno);
}

/* One at a time in the whole machine, or EBUSY before anybody is asked. */
static int after_others(int (*load)(int fd), int fd) {
    int error;
    for (int tries = 0; (error = load(fd)) == EBUSY && tries < 100; tries++)
        usleep(10000);
    return error;
}

/* The flags are none: that is as far as it gets. */
static int load_segments(int fd) {
    (void)fd;
    return syscall(SYS_kexec_load, NULL, 0, NULL, 0x8000) && errno == EINVAL ? 0 : errno;
}

static int op_kexec(char** arguments) {
    (void)arguments;
    return after_others(load_segments, -1);
}

/* The file is no kernel, likewise. */
static int load_file(int fd) {
    return syscall(SYS_kexec_file_load, fd, -1, 0, NULL, 4 /* no initramfs */) && errno == ENOEXEC ? 0
                                                                                                   : errno;
}

static int op_kexecfile(char** arguments) {
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    return fd < 0 ? untried(errno) : after_others(load_file, fd);
}

static int op_addkey(char** arguments) {
    const int ring = !strcmp(arguments[0], "process") ? KEY_SPEC_PROCESS_KEYRING : KEY_SPEC_SESSION_KEYRING;
    return outcome(syscall(SYS_add_key, "user", "et-key", "x", 1, ring));
}

/* A keyring is made; nobody is asked whether it may be used. */
static int op_joinkeys(char** arguments) {
    return outcome(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, arguments[0]));
}

/* The other way round: PID 1 gave the unit one. */
static int op_describekeys(char** arguments) {
    char text[256];
    (void)arguments;
    return outcome(syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text)));
}

/* A file system that is not mounted yet. */
static int op_makefs(char** arguments) {
    const int context = fsopen(arguments[0], FSOPEN_CLOEXEC);
    if (context < 0)
        return untried(errno);
    const int error = outcome(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
    close(context);
    return error;
}

static int op_seize(char** arguments) {
    const pid_t process = process_in(arguments[0]);
    return process < 0 ? untried(ESRCH) : outcome(ptrace(PTRACE_SEIZE, process, NULL, NULL));
}

/* Where its program is. */
static int op_exeof(char** arguments) {
    char name[64], text[64];
    const pid_t process = process_in(arguments[0]);
    snprintf(name, sizeof(name), "/proc/%d/exe", process);
    return process < 0 ? untried(ESRCH) : outcome(readlink(name, text, sizeof(text)));
}

/* Which the kernel does without if it may not, and tells nobody. */
static int op_statof(char** arguments) {
    char name[64], text[64];
    const pid_t process = process_in(arguments[0]);
    snprintf(name, sizeof(name), "/proc/%d/stat", process);
    const int fd = open(name, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? untried(errno) : outcome(read(fd, text, sizeof(text)));
}

static int op_memoryof(char** arguments) {
    char byte = 0;
    const struct iovec here = {&byte, 1}, there = {&byte, 1};
    const pid_t process = process_in(arguments[0]);
    if (process < 0)
        return untried(ESRCH);
    /* Nothing need be mapped there: what counts is whether it gets that far. */
    return process_vm_readv(process, &here, 1, &there, 1, 0) < 0 && errno != EFAULT ? errno : 0;
}

static int op_writememoryof(char** arguments) {
    char byte = 0;
    const struct iovec here = {&byte, 1}, there = {&byte, 1};
    const pid_t process = process_in(arguments[0]);
    if (process < 0)
        return untried(ESRCH);
    return process_vm_writev(process, &here, 1, &there, 1, 0) < 0 && errno != EFAULT ? errno : 0;
}

static int op_memfile(char** arguments) {
    char name[64];
    const pid_t process = process_in(arguments[0]);
    snprintf(name, sizeof(name), "/proc/%d/mem", process);
    return process < 0 ? untried(ESRCH) : outcome_of_fd(open(name, O_RDWR | O_CLOEXEC));
}

static int op_attach(char** arguments) {
    const pid_t process = process_in(arguments[0]);
    return process < 0 ? untried(ESRCH) : outcome(ptrace(PTRACE_ATTACH, process, NULL, NULL));
}

/* Lets its parent in, which is process 1 by then. */
static int op_traceme(char** arguments) {
    int ends[2], result = untried(EIO);
    (void)arguments;
    if (pipe(ends))
        return untried(errno);
    const pid_t child = fork();
    if (child < 0)
        return untried(errno);
    if (!child) {
        if (fork())
            _exit(0);
        for (int i = 0; getppid() != 1 && i < 1000; i++)
            usleep(10000);
        result = getppid() == 1 ? outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) : untried(ECHILD);
        _exit(write(ends[1], &result, sizeof(result)) != sizeof(result));
    }
    waitpid(child, NULL, 0);
    if (read(ends[0], &result, sizeof(result)) != sizeof(result))
        result = untried(EIO);
    close(ends[0]);
    close(ends[1]);
    return result;
}

static int op_signal(char** arguments) {
    const pid_t process = process_in(arguments[0]);
    return process < 0 ? untried(ESRCH) : outcome(kill(process, (int)number(arguments[1])));
}

/* A child waits for something that does not happen. */
static pid_t make_child(void) {
    const pid_t child = fork();
    if (!child) {
        pause();
        _exit(0);
    }
    return child;
}

static int op_ownchild(char** arguments) {
    (void)arguments;
    const pid_t child = make_child();
    if (child < 0)
        return untried(errno);
    int error = outcome(ptrace(PTRACE_SEIZE, child, NULL, NULL));
    if (!error)
        error = outcome(kill(child, SIGKILL));
    waitpid(child, NULL, 0);
    return error;
}

static int op_setowner(char** arguments) {
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const pid_t process = !strcmp(arguments[0], "self") ? getpid() : process_in(arguments[0]);
    if (process < 0 || fd < 0)
        return untried(errno);
    const int error = outcome(fcntl(fd, F_SETOWN, process));
    close(fd);
    return error;
}

static int op_setowner_ex(char** arguments) {
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = process_in(arguments[0])};
    if (owner.pid < 0 || fd < 0)
        return untried(errno);
    const int error = outcome(fcntl(fd, F_SETOWN_EX, &owner));
    close(fd);
    return error;
}

static int op_ioctlowner(char** arguments) {
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const pid_t process = process_in(arguments[0]);
    if (process < 0 || fd < 0)
        return untried(errno);
    const int error = outcome(ioctl(fd, SIOCSPGRP, &process));
    close(fd);
    return error;
}

/* The file of its own cgroup by which processes are moved there. */
static int op_owncgroup(char** arguments) {
    char line[4096], name[8192];
    (void)arguments;
    FILE* file = fopen("/proc/self/cgroup", "re");
    if (!file || !fgets(line, sizeof(line), file) || strncmp(line, "0::/", 4))
        return untried(errno);
    fclose(file);
    line[strcspn(line, "\n")] = 0;
    snprintf(name, sizeof(name), "/sys/fs/cgroup%s/cgroup.procs", line + 3);
    return outcome_of_fd(open(name, O_WRONLY | O_CLOEXEC));
}

static int op_connectunix(char** arguments) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(arguments[0]) >= sizeof(address.sun_path))
        return untried(ENAMETOOLONG);
    strcpy(address.sun_path, arguments[0]);
    const int error = outcome(connect(fd, (const struct sockaddr*)&address, sizeof(address)));
    close(fd);
    return error;
}

const struct operation kernel_operations[] = {
    {"autoload", 0, op_autoload, ""},
    {"kexec", 0, op_kexec, ""},
    {"kexecfile", 1, op_kexecfile, "PATH"},
    {"addkey", 1, op_addkey, "process|session"},
    {"joinkeys", 1, op_joinkeys, "NAME"},
    {"describekeys", 0, op_describekeys, ""},
    {"makefs", 1, op_makefs, "TYPE"},
    {"seize", 1, op_seize, "PATH"},
    {"exeof", 1, op_exeof, "PATH"},
    {"statof", 1, op_statof, "PATH"},
    {"memoryof", 1, op_memoryof, "PATH"},
    {"writememoryof", 1, op_writememoryof, "PATH"},
    {"memfile", 1, op_memfile, "PATH"},
    {"attach", 1, op_attach, "PATH"},
    {"traceme", 0, op_traceme, ""},
    {"signal", 2, op_signal, "PATH SIGNAL"},
    {"ownchild", 0, op_ownchild, ""},
    {"setowner", 1, op_setowner, "PATH|self"},
    {"setowner-ex", 1, op_setowner_ex, "PATH"},
    {"ioctlowner", 1, op_ioctlowner, "PATH"},
    {"owncgroup", 0, op_owncgroup, ""},
    {"connectunix", 1, op_connectunix, "PATH"},
    {0},
};
