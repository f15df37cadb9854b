/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making rings, and asking them. */
#include "ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int map(struct ring* ring) {
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

int make_ring(struct ring* ring) {
    ring->fd = (int)syscall(SYS_io_uring_setup, 1, &ring->parameters);
    return ring->fd < 0 ? untried(errno) : map(ring);
}

int map_ring(struct ring* ring, int fd) {
    struct ring alike = {.parameters = ring->parameters};
    const int error = make_ring(&alike);
    if (error)
        return error;
    *ring = alike;
    ring->fd = fd;
    return map(ring);
}

int submit_to(const struct ring* ring, const struct io_uring_sqe* request) {
    const struct io_sqring_offsets* sq = &ring->parameters.sq_off;
    const struct io_cqring_offsets* cq = &ring->parameters.cq_off;
    ring->entries[0] = *request;
    *(uint32_t*)(ring->rings + sq->array) = 0;
    __atomic_store_n((uint32_t*)(ring->rings + sq->tail), 1, __ATOMIC_RELEASE);
    const int flags = ring->parameters.flags & IORING_SETUP_SQPOLL
                          ? IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP
                          : IORING_ENTER_GETEVENTS;
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, flags, NULL, 0) != 1)
        return untried(errno);
    if (!__atomic_load_n((uint32_t*)(ring->rings + cq->tail), __ATOMIC_ACQUIRE))
        return untried(EIO);
    const int result = ((struct io_uring_cqe*)(ring->rings + cq->cqes))->res;
    return result < 0 ? -result : 0;
}

int submit(const struct io_uring_sqe* request) {
    struct ring ring = {0};
    int error = make_ring(&ring);
    if (error)
        return error;
    error = submit_to(&ring, request);
    close(ring.fd);
    return error;
}
