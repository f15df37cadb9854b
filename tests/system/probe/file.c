/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, reading, writing, truncating, and waiting for files. */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

int read_from(int fd) {
    char byte;
    if (fd < 0)
        return errno;
    const int error = outcome(read(fd, &byte, 1));
    close(fd);
    return error;
}

static int op_read(char** arguments) {
    return read_from(open(arguments[0], O_RDONLY | O_CLOEXEC));
}

static int op_list(char** arguments) {
    return outcome_of_fd(open(arguments[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int open_with(char** arguments, int flags) {
    return outcome_of_fd(open(arguments[0], flags | O_CLOEXEC, 0644));
}

static int op_write(char** arguments) {
    return open_with(arguments, O_WRONLY);
}

static int op_update(char** arguments) {
    return open_with(arguments, O_RDWR);
}

static int op_append(char** arguments) {
    return open_with(arguments, O_WRONLY | O_APPEND);
}

/* Access mode 3: neither reads nor writes, and needs the right to both. */
static int op_access3(char** arguments) {
    return open_with(arguments, O_ACCMODE);
}

static int op_trunc(char** arguments) {
    return open_with(arguments, O_RDONLY | O_TRUNC);
}

static int op_create(char** arguments) {
    return open_with(arguments, O_WRONLY | O_CREAT | O_EXCL);
}

static int op_tmpfile(char** arguments) {
    return open_with(arguments, O_TMPFILE | O_RDWR);
}

static int op_truncate(char** arguments) {
    return outcome(truncate(arguments[0], 0));
}

int read_again(int fd) {
    char name[64];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return read_from(open(name, O_RDONLY | O_CLOEXEC));
}

/* By its handle: /proc/self/fd/N asks again for what O_PATH did not ask for. */
static int op_reopen(char** arguments) {
    const int fd = open(arguments[0], O_PATH | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = read_again(fd);
    close(fd);
    return error;
}

static int op_openat2(char** arguments) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    const int directory = open(arguments[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return untried(errno);
    return read_from((int)syscall(SYS_openat2, directory, arguments[1], &how, sizeof(how)));
}

/* Goes down one component at a time, as a path too long for one call needs. COUNT directories of LENGTH
 * bytes, made by whoever prepared the test, then "key". */
static int op_deep(char** arguments) {
    char name[256];
    const long length = number(arguments[2]);
    int fd = open(arguments[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (length < 1 || length > 255)
        return untried(EINVAL);
    memset(name, 'd', sizeof(name));
    name[length] = 0;
    for (long i = 0; fd >= 0 && i < number(arguments[1]); i++) {
        const int next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    if (fd < 0)
        return untried(errno);
    return read_from(openat(fd, "key", O_RDONLY | O_CLOEXEC));
}

static int op_chdir(char** arguments) {
    return outcome(chdir(arguments[0]));
}

static int op_stat(char** arguments) {
    struct stat status;
    return outcome(stat(arguments[0], &status));
}

/* Says that it is here, by making the first file, and waits until there is the second. */
static int op_wait(char** arguments) {
    const int fd = open(arguments[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return untried(errno);
    close(fd);
    for (int i = 0; i < 1200; i++) {
        if (!access(arguments[1], F_OK))
            return 0;
        usleep(50000);
    }
    return untried(ETIMEDOUT);
}

/* Until somebody ends it. */
static int op_stay(char** arguments) {
    (void)arguments;
    return outcome(pause());
}

const struct operation file_operations[] = {
    {"read", 1, op_read, "PATH"},
    {"list", 1, op_list, "DIRECTORY"},
    {"write", 1, op_write, "PATH"},
    {"update", 1, op_update, "PATH"},
    {"append", 1, op_append, "PATH"},
    {"access3", 1, op_access3, "PATH"},
    {"trunc", 1, op_trunc, "PATH"},
    {"create", 1, op_create, "PATH"},
    {"tmpfile", 1, op_tmpfile, "DIRECTORY"},
    {"truncate", 1, op_truncate, "PATH"},
    {"reopen", 1, op_reopen, "PATH"},
    {"openat2", 2, op_openat2, "DIRECTORY PATH"},
    {"deep", 3, op_deep, "DIRECTORY COUNT LENGTH"},
    {"chdir", 1, op_chdir, "DIRECTORY"},
    {"stat", 1, op_stat, "PATH"},
    {"wait", 2, op_wait, "HERE THERE"},
    {"stay", 0, op_stay, ""},
    {0},
};
