/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is loaded into the kernel. */
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/sched.h>

/* The file is no module: that is as far as it gets. */
static int op_loadfile(char** arguments) {
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    return syscall(SYS_finit_module, fd, "", 0) && errno == ENOEXEC ? 0 : errno;
}

static int op_loadimage(char** arguments) {
    static const char image[4096] = "no module";
    (void)arguments;
    return syscall(SYS_init_module, image, sizeof(image), "") && errno == ENOEXEC ? 0 : errno;
}

/* A map gets a name in a file system of BPF's. */
static int op_pin(char** arguments) {
    union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    const int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
    union bpf_attr pin = {.pathname = (uintptr_t)arguments[0], .bpf_fd = (uint32_t)fd};
    if (fd < 0)
        return untried(errno);
    const int error = outcome(syscall(SYS_bpf, BPF_OBJ_PIN, &pin, sizeof(pin)));
    close(fd);
    return error;
}

/* A command of bpf(2) with nothing that it could work on: what counts is whether it gets that far. */
static int op_bpf(char** arguments) {
    union bpf_attr nothing = {0};
    const long result = syscall(SYS_bpf, number(arguments[0]), &nothing, sizeof(nothing));
    return result < 0 && (errno == EPERM || errno == EACCES) ? errno : 0;
}

/* A child in a user namespace of its own, made by the call that makes processes. */
static int op_cloneuser(char** arguments) {
    struct clone_args how = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    (void)arguments;
    const pid_t child = (pid_t)syscall(SYS_clone3, &how, sizeof(how));
    if (!child)
        _exit(0);
    if (child > 0)
        waitpid(child, NULL, 0);
    return outcome(child);
}

const struct operation module_operations[] = {
    {"loadfile", 1, op_loadfile, "PATH"}, {"loadimage", 0, op_loadimage, ""}, {"pin", 1, op_pin, "PATH"},
    {"bpf", 1, op_bpf, "COMMAND"},        {"cloneuser", 0, op_cloneuser, ""}, {0},
};
