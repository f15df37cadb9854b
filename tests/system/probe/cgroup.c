/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving from one cgroup to another. */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Writes into a file of the cgroup. */
static int tell(const char* cgroup, const char* file, const char* text) {
    char name[8192];
    snprintf(name, sizeof(name), "%s/%s", cgroup, file);
    const int fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int error = outcome(write(fd, text, strlen(text)));
    close(fd);
    return error;
}

/* Moves itself to another cgroup. */
static int op_move(char** arguments) {
    return tell(arguments[0], "cgroup.procs", "0");
}

/* The directory of the cgroup that it is in. */
static int find_own(char* name, size_t size) {
    char line[4096];
    FILE* file = fopen("/proc/self/cgroup", "re");
    if (!file || !fgets(line, sizeof(line), file) || strncmp(line, "0::/", 4))
        return errno ? errno : EINVAL;
    fclose(file);
    line[strcspn(line, "\n")] = 0;
    snprintf(name, size, "/sys/fs/cgroup%s", line + 3);
    return 0;
}

/* Moves itself into a new cgroup so many levels below its own. */
static int op_descend(char** arguments) {
    char name[8192];
    const long levels = number(arguments[0]);
    int error = find_own(name, sizeof(name) - 64);
    for (long i = 0; !error && i < levels; i++) {
        snprintf(name + strlen(name), 32, "/%ld", i);
        error = mkdir(name, 0755) && errno != EEXIST ? errno : 0;
    }
    return error ? error : tell(name, "cgroup.procs", "0");
}

/* Moves the thread alone into a threaded cgroup below its own. */
static int op_thread_down(char** arguments) {
    char name[8192], thread[32];
    (void)arguments;
    int error = find_own(name, sizeof(name) - 64);
    if (error)
        return error;
    strcat(name, "/threaded");
    if (mkdir(name, 0755) && errno != EEXIST)
        return errno;
    error = tell(name, "cgroup.type", "threaded");
    snprintf(thread, sizeof(thread), "%ld", syscall(SYS_gettid));
    return error ? error : tell(name, "cgroup.threads", thread);
}

const struct operation cgroup_operations[] = {
    {"move", 1, op_move, "CGROUP"},
    {"descend", 1, op_descend, "LEVELS"},
    {"thread-down", 0, op_thread_down, ""},
    {0},
};
