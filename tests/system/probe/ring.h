/* SPDX-License-Identifier: GPL-2.0-or-later */
/* io_uring, which is asked for one operation at a time here. */
#ifndef ENFORCED_PROBE_RING_H
#define ENFORCED_PROBE_RING_H

#include "probe.h"

#include <stdint.h>

#include <linux/io_uring.h>

struct ring {
    int fd;
    struct io_uring_params parameters;
    char* rings; /* both are one mapping since 5.4 */
    struct io_uring_sqe* entries;
};

/* With one entry, and the flags that its parameters have already. */
int make_ring(struct ring* ring);

/* The same of a ring that is there already, made alike. */
int map_ring(struct ring* ring, int fd);

/* Submits one request and waits for its answer. */
int submit_to(const struct ring* ring, const struct io_uring_sqe* request);

/* The same with a ring of its own. */
int submit(const struct io_uring_sqe* request);

#endif
