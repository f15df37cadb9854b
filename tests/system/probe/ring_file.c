/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files by io_uring. */
#include "ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

static int op_ring(char** arguments) {
    struct io_uring_params parameters = {0};
    (void)arguments;
    return outcome_of_fd((int)syscall(SYS_io_uring_setup, 1, &parameters));
}

static int op_open(char** arguments) {
    return submit(&(struct io_uring_sqe){
        .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)arguments[0], .open_flags = O_RDONLY});
}

/* By a worker thread of the kernel's. */
static int op_openworker(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
                                         .flags = IOSQE_ASYNC,
                                         .fd = AT_FDCWD,
                                         .addr = (uintptr_t)arguments[0],
                                         .open_flags = O_RDONLY});
}

static int op_unlink(char** arguments) {
    return submit(&(struct io_uring_sqe){
        .opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)arguments[0]});
}

static int op_mkdir(char** arguments) {
    return submit(&(struct io_uring_sqe){
        .opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = (uintptr_t)arguments[0], .len = 0755});
}

static int op_rename(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT,
                                         .fd = AT_FDCWD,
                                         .len = (uint32_t)AT_FDCWD,
                                         .addr = (uintptr_t)arguments[0],
                                         .addr2 = (uintptr_t)arguments[1]});
}

static int op_openat2(char** arguments) {
    struct open_how how = {.flags = O_RDONLY};
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_OPENAT2,
                                         .fd = AT_FDCWD,
                                         .addr = (uintptr_t)arguments[0],
                                         .len = sizeof(how),
                                         .off = (uintptr_t)&how});
}

/* Into the ring's own table: the process never has a descriptor. */
static int op_direct(char** arguments) {
    struct ring ring = {0};
    int none = -1;
    int error = make_ring(&ring);
    if (error)
        return error;
    if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &none, 1))
        return untried(errno);
    error = submit_to(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
                                                    .fd = AT_FDCWD,
                                                    .addr = (uintptr_t)arguments[0],
                                                    .open_flags = O_RDONLY,
                                                    .file_index = 1});
    close(ring.fd);
    return error;
}

/* By a thread of the kernel's that looks for requests by itself. */
static int op_polled(char** arguments) {
    struct ring ring = {.parameters = {.flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1000}};
    int error = make_ring(&ring);
    if (error)
        return error;
    error = submit_to(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
                                                    .fd = AT_FDCWD,
                                                    .addr = (uintptr_t)arguments[0],
                                                    .open_flags = O_RDONLY});
    close(ring.fd);
    return error;
}

/* The last member, which is called resv2 in old headers and user_addr in new ones. */
static void put_last(void* offsets, size_t size, uint64_t address) {
    memcpy((char*)offsets + size - sizeof(address), &address, sizeof(address));
}

/* Its memory is the process's own (since 6.5), so that nothing of it is mapped. */
static int op_unmapped(char** arguments) {
    struct io_uring_params parameters = {.flags = 1U << 14 | 1U << 16 /* NO_MMAP, NO_SQARRAY */};
    (void)arguments;
    char* memory =
        mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return untried(errno);
    put_last(&parameters.cq_off, sizeof(parameters.cq_off), (uintptr_t)memory);
    put_last(&parameters.sq_off, sizeof(parameters.sq_off), (uintptr_t)memory + 4096);
    const int error = outcome_of_fd((int)syscall(SYS_io_uring_setup, 1, &parameters));
    munmap(memory, 2 * 4096);
    return error == EINVAL ? untried(error) : error;
}

static int op_link(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_LINKAT,
                                         .fd = AT_FDCWD,
                                         .len = (uint32_t)AT_FDCWD,
                                         .addr = (uintptr_t)arguments[0],
                                         .addr2 = (uintptr_t)arguments[1]});
}

static int op_symlink(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_SYMLINKAT,
                                         .fd = AT_FDCWD,
                                         .addr = (uintptr_t)arguments[0],
                                         .addr2 = (uintptr_t)arguments[1]});
}

static int op_setxattr(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_SETXATTR,
                                         .addr = (uintptr_t) "user.probe",
                                         .len = 1,
                                         .addr2 = (uintptr_t) "1",
                                         .addr3 = (uintptr_t)arguments[0]});
}

/* Of a descriptor that was passed at the start. */
static int op_ftruncate(char** arguments) {
    const int error = submit(
        &(struct io_uring_sqe){.opcode = 55 /* IORING_OP_FTRUNCATE */, .fd = (int)number(arguments[0])});
    return error == EINVAL ? untried(error) : error;
}

/* With credentials that the ring has kept from before the process changed its own. They say the same, but the
 * kernel has to put them on for the request. */
static int op_personality(char** arguments) {
    struct ring ring = {0};
    const int error = make_ring(&ring);
    if (error)
        return error;
    const long kept = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
    if (kept < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
        return untried(errno);
    return submit_to(&ring, &(struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
                                                   .fd = AT_FDCWD,
                                                   .addr = (uintptr_t)arguments[0],
                                                   .open_flags = O_WRONLY,
                                                   .personality = (uint16_t)kept});
}

/* With somebody else's ring, which has a thread of its own. The file says whose it is, as which descriptor,
 * and where in that process's memory a name is. Both rings are made alike, so that what is where in one is
 * there in the other. */
static int op_taken(char** arguments) {
    struct ring ring = {.parameters = {.flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1000}};
    int process, descriptor;
    unsigned long name;
    FILE* file = fopen(arguments[0], "re");
    if (!file || fscanf(file, "%d %d %lu", &process, &descriptor, &name) != 3)
        return untried(errno);
    fclose(file);
    const int there = (int)syscall(SYS_pidfd_open, process, 0);
    const int fd = there < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, there, descriptor, 0);
    const int error = fd < 0 ? errno : map_ring(&ring, fd);
    if (error)
        return error;
    return submit_to(&ring,
                     &(struct io_uring_sqe){
                         .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = name, .open_flags = O_RDONLY});
}

const struct operation ring_file_operations[] = {
    {"ring-taken", 1, op_taken, "RING"},
    {"ring", 0, op_ring, ""},
    {"ring-unmapped", 0, op_unmapped, ""},
    {"ring-open", 1, op_open, "PATH"},
    {"ring-openworker", 1, op_openworker, "PATH"},
    {"ring-openat2", 1, op_openat2, "PATH"},
    {"ring-direct", 1, op_direct, "PATH"},
    {"ring-polled", 1, op_polled, "PATH"},
    {"ring-personality", 1, op_personality, "PATH"},
    {"ring-unlink", 1, op_unlink, "PATH"},
    {"ring-mkdir", 1, op_mkdir, "PATH"},
    {"ring-rename", 2, op_rename, "OLD NEW"},
    {"ring-link", 2, op_link, "OLD NEW"},
    {"ring-symlink", 2, op_symlink, "TARGET PATH"},
    {"ring-setxattr", 1, op_setxattr, "PATH"},
    {"ring-ftruncate", 1, op_ftruncate, "DESCRIPTOR"},
    {0},
};
