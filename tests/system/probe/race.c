/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Often, many at a time, and under other names. */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether of so many reads of a name not one yields what begins with TEXT. Whether others are refused does
 * not matter, but some must not be. */
static int op_never(char** arguments) {
    const size_t length = strlen(arguments[1]);
    long yielded = 0;
    for (long i = number(arguments[2]); i; i--) {
        char text[256] = "";
        const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        yielded += read(fd, text, sizeof(text) - 1) > 0;
        close(fd);
        if (!strncmp(text, arguments[1], length))
            return EKEYEXPIRED; /* no call says so */
    }
    return yielded ? 0 : untried(ENODATA);
}

/* Makes so many files in a directory, each with a name of its own. */
static int op_flood(char** arguments) {
    char name[4096];
    int error = 0;
    for (long i = number(arguments[1]); i && error != EKEYEXPIRED; i--) {
        snprintf(name, sizeof(name), "%s/%ld", arguments[0], i);
        const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && close(fd))
            return untried(errno);
        const int one = fd < 0 ? errno : 0;
        error = i == number(arguments[1]) || one == error ? one : EKEYEXPIRED; /* they do not all end alike */
    }
    return error;
}

/* So many children are there at once, and each then reads the file. The errno is that of all of them. */
static int op_crowd(char** arguments) {
    const long count = number(arguments[1]);
    int ends[2], made = 0, error = -1;
    if (pipe(ends))
        return untried(errno);
    for (long i = 0; i < count; i++, made++) {
        const pid_t child = fork();
        if (child < 0)
            break; /* as many as there is room for */
        if (!child) {
            char byte;
            close(ends[1]);
            if (read(ends[0], &byte, 1)) /* the end, when all are there */
                _exit(255);
            const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
            _exit(fd < 0 ? errno : 0);
        }
    }
    close(ends[0]);
    close(ends[1]);
    for (int i = 0; i < made; i++) {
        int status;
        if (wait(&status) < 0)
            return untried(errno);
        if (!WIFEXITED(status))
            continue; /* out of memory, for example */
        if (!WEXITSTATUS(status))
            return 0;
        error = WEXITSTATUS(status);
    }
    return error < 0 ? untried(EAGAIN) : error;
}

/* As ps(1) and the journal show it. */
static int op_callme(char** arguments) {
    return outcome(prctl(PR_SET_NAME, arguments[0], 0, 0, 0));
}

const struct operation race_operations[] = {
    {"never", 3, op_never, "PATH TEXT COUNT"},
    {"flood", 2, op_flood, "DIRECTORY COUNT"},
    {"crowd", 2, op_crowd, "PATH COUNT"},
    {"callme", 1, op_callme, "NAME"},
    {0},
};
