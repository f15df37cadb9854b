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
#include <sys/syscall.h>
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

/* The dynamic loader tells of what it may not map on its standard error, in words. */
static int run_loader(char* const* words, char* text, size_t size, int* status) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return untried(errno);
    const pid_t child = fork();
    if (child < 0)
        return untried(errno);
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        dup2(open("/dev/null", O_RDWR), STDOUT_FILENO);
        execv(words[0], words);
        perror("probe");
        _exit(127);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while (length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = 0;
    close(ends[0]);
    waitpid(child, status, 0);
    return 0;
}

static int tells_of_refusal(const char* text) {
    return strstr(text, strerror(EACCES)) || strstr(text, "failed to map");
}

static int op_loader(char** arguments) {
    char text[4096];
    int status;
    const int error = run_loader((char*[]){arguments[0], arguments[1], NULL}, text, sizeof(text), &status);
    if (error)
        return error;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return tells_of_refusal(text) ? EACCES : EPROTO;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : untried(ECHILD);
}

/* What cannot be loaded beside the program is left out, and the program runs. */
static int op_preload(char** arguments) {
    char text[4096];
    int status;
    char* const words[] = {arguments[0], "--preload", arguments[1], arguments[2], NULL};
    const int error = run_loader(words, text, sizeof(text), &status);
    if (error)
        return error;
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return untried(ECHILD);
    return tells_of_refusal(text) ? EACCES : *text ? untried(EPROTO) : 0;
}

/* A script, as an argument of its interpreter. */
static void exec_shell(void* path) {
    execl("/bin/sh", "sh", path, (char*)NULL);
}

static int op_shell(char** arguments) {
    return in_child(exec_shell, arguments[0]);
}

/* Whether it might be run, as an interpreter asks since 6.14. */
static int op_execcheck(char** arguments) {
    return outcome(
        syscall(SYS_execveat, AT_FDCWD, arguments[0], nothing, environ, 0x10000 /* AT_EXECVE_CHECK */));
}

const struct operation run_operations[] = {
    {"none", 0, op_none, ""},
    {"exec", 1, op_exec, "PROGRAM"},
    {"execfd", 1, op_execfd, "PROGRAM"},
    {"execmem", 1, op_execmem, "PROGRAM"},
    {"exectmp", 2, op_exectmp, "PROGRAM DIRECTORY"},
    {"execdeleted", 1, op_execdeleted, "PROGRAM"},
    {"execcopy", 2, op_execcopy, "PROGRAM COPY"},
    {"execcheck", 1, op_execcheck, "PROGRAM"},
    {"shell", 1, op_shell, "SCRIPT"},
    {"loader", 2, op_loader, "LOADER PROGRAM"},
    {"preload", 3, op_preload, "LOADER LIBRARY PROGRAM"},
    {0},
};
