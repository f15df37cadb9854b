/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes executable without an exec. */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <unistd.h>

#define SIZE 4096

static int outcome_of_map(void* address) {
    if (address == MAP_FAILED)
        return errno;
    munmap(address, SIZE);
    return 0;
}

static int open_to_map(const char* path, int flags) {
    return open(path, flags | O_CLOEXEC);
}

static int op_map(char** arguments) {
    const int fd = open_to_map(arguments[0], O_RDONLY);
    if (fd < 0)
        return untried(errno);
    const int error = outcome_of_map(mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
    close(fd);
    return error;
}

/* Mapped to read, made executable then. */
static int op_protect(char** arguments) {
    const int fd = open_to_map(arguments[0], O_RDONLY);
    if (fd < 0)
        return untried(errno);
    void* address = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (address == MAP_FAILED)
        return untried(errno);
    const int error = outcome(mprotect(address, SIZE, PROT_READ | PROT_EXEC));
    munmap(address, SIZE);
    return error;
}

/* Mapped to read by a process for which that means to execute. */
static int op_implied(char** arguments) {
    const int fd = open_to_map(arguments[0], O_RDONLY);
    const int before = personality(0xffffffff);
    if (fd < 0 || personality((unsigned long)before | READ_IMPLIES_EXEC) < 0)
        return untried(errno);
    const int error = outcome_of_map(mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0));
    personality((unsigned long)before);
    close(fd);
    return error;
}

/* Pages of a file that were written to privately. */
static int op_patched(char** arguments) {
    const int fd = open_to_map(arguments[0], O_RDONLY);
    if (fd < 0)
        return untried(errno);
    char* address = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    if (address == MAP_FAILED)
        return untried(errno);
    *(volatile char*)address = 1;
    const int error = outcome(mprotect(address, SIZE, PROT_READ | PROT_EXEC));
    munmap(address, SIZE);
    return error;
}

static int op_writable(char** arguments) {
    (void)arguments;
    return outcome_of_map(
        mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int op_sealed(char** arguments) {
    (void)arguments;
    char* address = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED)
        return untried(errno);
    *(volatile char*)address = 1;
    const int error = outcome(mprotect(address, SIZE, PROT_READ | PROT_EXEC));
    munmap(address, SIZE);
    return error;
}

/* One memory at two addresses, of which one is written and the other is executed. */
static int op_twice(char** arguments) {
    (void)arguments;
    const int fd = memfd_create("probe", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, SIZE))
        return untried(errno);
    const int error = outcome_of_map(mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
    close(fd);
    return error;
}

static int op_heap(char** arguments) {
    (void)arguments;
    char* start = sbrk(2 * SIZE);
    if (start == (void*)-1)
        return untried(errno);
    char* page = (char*)(((unsigned long)start + SIZE - 1) & ~(SIZE - 1UL));
    *(volatile char*)page = 1;
    return outcome(mprotect(page, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* Memory that processes share, which System V has a call of its own to map. */
static int op_shared(char** arguments) {
    (void)arguments;
    const int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0700);
    if (id < 0)
        return untried(errno);
    void* address = shmat(id, NULL, SHM_EXEC);
    const int error = address == (void*)-1 ? errno : 0;
    if (!error)
        shmdt(address);
    shmctl(id, IPC_RMID, NULL);
    return error;
}

/* Code that is executed already, by the file that stands for the process's memory. */
static int op_patchself(char** arguments) {
    (void)arguments;
    const int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const uintptr_t code = (uintptr_t)outcome_of_map;
    int error = outcome(pwrite(fd, (const void*)code, 1, (off_t)code));
    if (error == EIO) /* since 6.12, kernels may be made so that nobody can */
        error = untried(EIO);
    close(fd);
    return error;
}

const struct operation memory_operations[] = {
    {"map", 1, op_map, "PATH"},
    {"protect", 1, op_protect, "PATH"},
    {"implied", 1, op_implied, "PATH"},
    {"patched", 1, op_patched, "PATH"},
    {"writable", 0, op_writable, ""},
    {"sealed", 0, op_sealed, ""},
    {"twice", 0, op_twice, ""},
    {"heap", 0, op_heap, ""},
    {"shared", 0, op_shared, ""},
    {"patchself", 0, op_patchself, ""},
    {0},
};
