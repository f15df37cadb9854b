/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same by io_uring, which asks the kernel for one operation at a time here. */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

struct ring {
    int fd;
    struct io_uring_params parameters;
    char* rings; /* both are one mapping since 5.4 */
    struct io_uring_sqe* entries;
};

static int make_ring(struct ring* ring) {
    memset(ring, 0, sizeof(*ring));
    ring->fd = (int)syscall(SYS_io_uring_setup, 1, &ring->parameters);
    if (ring->fd < 0)
        return untried(errno);
    const struct io_sqring_offsets* sq = &ring->parameters.sq_off;
    const struct io_cqring_offsets* cq = &ring->parameters.cq_off;
    const size_t requests = sq->array + ring->parameters.sq_entries * sizeof(uint32_t);
    const size_t answers = cq->cqes + ring->parameters.cq_entries * sizeof(struct io_uring_cqe);
    ring->rings = mmap(NULL, requests > answers ? requests : answers, PROT_READ | PROT_WRITE, MAP_SHARED,
                       ring->fd, IORING_OFF_SQ_RING);
    ring->entries = mmap(NULL, ring->parameters.sq_entries * sizeof(struct io_uring_sqe),
                         PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
    return ring->rings == MAP_FAILED || (void*)ring->entries == MAP_FAILED ? untried(errno) : 0;
}

/* Submits one request to a new ring and waits for its answer. */
static int submit_to(const struct ring* ring, const struct io_uring_sqe* request) {
    const struct io_sqring_offsets* sq = &ring->parameters.sq_off;
    const struct io_cqring_offsets* cq = &ring->parameters.cq_off;
    ring->entries[0] = *request;
    *(uint32_t*)(ring->rings + sq->array) = 0;
    __atomic_store_n((uint32_t*)(ring->rings + sq->tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
        return untried(errno);
    if (__atomic_load_n((uint32_t*)(ring->rings + cq->tail), __ATOMIC_ACQUIRE) != 1)
        return untried(EIO);
    const int result = ((struct io_uring_cqe*)(ring->rings + cq->cqes))->res;
    return result < 0 ? -result : 0;
}

static int submit(const struct io_uring_sqe* request) {
    struct ring ring;
    int error = make_ring(&ring);
    if (error)
        return error;
    error = submit_to(&ring, request);
    close(ring.fd);
    return error;
}

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

static int op_connect(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    const int fd = make_socket(arguments[0], arguments[1]);
    if (fd < 0)
        return untried(errno);
    const int error = submit(&(struct io_uring_sqe){
        .opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)&address, .off = length});
    close(fd);
    return error;
}

static int op_socket(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = 45 /* IORING_OP_SOCKET */,
                                         .fd = (int)number(arguments[0]),
                                         .off = (uint64_t)number(arguments[1]),
                                         .len = (uint32_t)number(arguments[2])});
}

/* With credentials that the ring has kept from before the process changed its own. They say the same, but the
 * kernel has to put them on for the request. */
static int op_personality(char** arguments) {
    struct ring ring;
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

const struct operation ring_operations[] = {
    {"ring", 0, op_ring, ""},
    {"ring-open", 1, op_open, "PATH"},
    {"ring-openworker", 1, op_openworker, "PATH"},
    {"ring-personality", 1, op_personality, "PATH"},
    {"ring-unlink", 1, op_unlink, "PATH"},
    {"ring-mkdir", 1, op_mkdir, "PATH"},
    {"ring-rename", 2, op_rename, "OLD NEW"},
    {"ring-connect", 3, op_connect, "PROTOCOL ADDRESS PORT"},
    {"ring-socket", 3, op_socket, "FAMILY TYPE PROTOCOL"},
    {0},
};
