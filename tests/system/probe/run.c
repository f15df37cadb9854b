/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running programs. What is run is a copy of this program, told to do nothing: "probe none". */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

/* Runs `exec` in a child. If it returns, its errno comes through a pipe that a successful exec closes. */
static int in_child(void (*exec)(void* argument), void* argument) {
    int ends[2], error = 0, status;
    if (pipe2(ends, O_CLOEXEC))
        return untried(errno);
    const pid_t child = fork();
    if (child < 0)
        return untried(errno);
    if (!child) {
        const int null = open("/dev/null", O_RDWR);
        dup2(null, STDOUT_FILENO);
        exec(argument);
        error = errno;
        _exit(write(ends[1], &error, sizeof(error)) != sizeof(error));
    }
    close(ends[1]);
    if (read(ends[0], &error, sizeof(error)) != sizeof(error))
        error = 0;
    close(ends[0]);
    waitpid(child, &status, 0);
    if (error)
        return error;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : untried(ECHILD);
}

static char* const nothing[] = {"probe", "none", NULL};

static void exec_path(void* path) {
    execve(path, nothing, environ);
}

static void exec_fd(void* fd) {
    fexecve(*(int*)fd, nothing, environ);
}

static int op_none(char** arguments) {
    (void)arguments;
    return 0;
}

static int op_exec(char** arguments) {
    return in_child(exec_path, arguments[0]);
}

static int run_descriptor(int fd) {
    if (fd < 0)
        return untried(errno);
    const int error = in_child(exec_fd, &fd);
    close(fd);
    return error;
}

/* Of a descriptor that was opened for nothing. */
static int op_execfd(char** arguments) {
    return run_descriptor(open(arguments[0], O_PATH | O_CLOEXEC));
}

static int copy(const char* path, int to) {
    struct stat status;
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0 || fstat(from, &status) ||
        sendfile(to, from, NULL, (size_t)status.st_size) != status.st_size)
        return -1;
    close(from);
    return fchmod(to, 0755);
}

static int op_execmem(char** arguments) {
    const int fd = memfd_create("probe", MFD_CLOEXEC);
    if (fd < 0 || copy(arguments[0], fd))
        return untried(errno);
    return run_descriptor(fd);
}

/* A file without a name. It must not be open for writing when it is run. */
static int op_exectmp(char** arguments) {
    char name[64];
    const int fd = open(arguments[1], O_TMPFILE | O_RDWR | O_CLOEXEC, 0755);
    if (fd < 0 || copy(arguments[0], fd))
        return untried(errno);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    const int readable = open(name, O_PATH | O_CLOEXEC);
    close(fd);
    return run_descriptor(readable);
}

static int op_execdeleted(char** arguments) {
    const int fd = open(arguments[0], O_PATH | O_CLOEXEC);
    if (fd < 0 || unlink(arguments[0]))
        return untried(errno);
    return run_descriptor(fd);
}

/* A copy under another name. */
static int op_execcopy(char** arguments) {
    const int fd = open(arguments[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (fd < 0 || copy(arguments[0], fd))
        return untried(errno);
    close(fd);
    return in_child(exec_path, arguments[1]);
}

/* By the dynamic loader, which tells of what it may not map on its standard error, in words. */
static int op_loader(char** arguments) {
    char text[4096] = "";
    int ends[2], status;
    if (pipe2(ends, O_CLOEXEC))
        return untried(errno);
    const pid_t child = fork();
    if (child < 0)
        return untried(errno);
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        dup2(open("/dev/null", O_RDWR), STDOUT_FILENO);
        execl(arguments[0], "ld.so", arguments[1], (char*)NULL);
        perror("probe");
        _exit(127);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while (length < sizeof(text) - 1 && (got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return strstr(text, strerror(EACCES)) || strstr(text, "failed to map") ? EACCES : EPROTO;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : untried(ECHILD);
}

const struct operation run_operations[] = {
    {"none", 0, op_none, ""},
    {"exec", 1, op_exec, "PROGRAM"},
    {"execfd", 1, op_execfd, "PROGRAM"},
    {"execmem", 1, op_execmem, "PROGRAM"},
    {"exectmp", 2, op_exectmp, "PROGRAM DIRECTORY"},
    {"execdeleted", 1, op_execdeleted, "PROGRAM"},
    {"execcopy", 2, op_execcopy, "PROGRAM COPY"},
    {"loader", 2, op_loader, "LOADER PROGRAM"},
    {0},
};
