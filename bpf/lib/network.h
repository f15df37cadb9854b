/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging addresses. Used by the LSM hooks, which know the task, and by the cgroup programs, which know the
 * cgroup. */
#ifndef ENFORCED_LIB_NETWORK_H
#define ENFORCED_LIB_NETWORK_H

#include <bpf/bpf_endian.h>

#include "emit.h"

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_RAW 3
#define SOCK_PACKET 10
#define PROTOCOL_TCP 6
#define PROTOCOL_MPTCP 262 /* TCP with several paths; judged as TCP */

struct endpoint {
    __u8 address[16];
    __u32 length; /* 4 or 16 */
    __u16 port;   /* network order */
    __u16 protocol;
    __u16 family; /* AF_*, of the address, or of the socket that is made */
    __u16 type;   /* SOCK_* */
};

static __always_inline void set_ipv4(struct endpoint* endpoint, __u32 address) {
    *(__u32*)endpoint->address = address;
    endpoint->length = 4;
}

/* An IPv4-mapped address is IPv4 by the time that a packet leaves. */
static __always_inline void set_ipv6(struct endpoint* endpoint, const __u32 address[4]) {
    if (!address[0] && !address[1] && address[2] == bpf_htonl(0xffff)) {
        set_ipv4(endpoint, address[3]);
        return;
    }
    __u32* to = (__u32*)endpoint->address;
    to[0] = address[0];
    to[1] = address[1];
    to[2] = address[2];
    to[3] = address[3];
    endpoint->length = 16;
}

/* connect() to the unspecified address reaches the loopback address. */
static __always_inline void unspecified_is_loopback(struct endpoint* endpoint) {
    __u32* address = (__u32*)endpoint->address;

    if (endpoint->length == 4 && !address[0])
        address[0] = bpf_htonl(0x7f000001);
    else if (endpoint->length == 16 && !address[0] && !address[1] && !address[2] && !address[3])
        address[3] = bpf_htonl(1);
}

/* The verdict cell for an operation on an endpoint. */
static __noinline __u64 network_cell(const struct enforced_set* set, const __u64* bank, __u32 operation,
                                     const struct endpoint* endpoint) {
    const struct enforced_dfa dfa = set->network;
    __u32 protocol = endpoint->protocol == PROTOCOL_MPTCP ? PROTOCOL_TCP : endpoint->protocol;
    __u32 state = dfa.start;

    if (!state)
        return 0;
    state = enforced_step(bank, &dfa, state, operation);
    state = enforced_step(bank, &dfa, state, protocol > 255 ? 255 : protocol);
    state = enforced_step(bank, &dfa, state, endpoint->length == 4 ? 4 : 6);
    for (__u32 i = 0; i < 16; i++) {
        if (i >= endpoint->length)
            break;
        state = enforced_step(bank, &dfa, state, endpoint->address[i]);
    }
    state = enforced_step(bank, &dfa, state, bpf_ntohs(endpoint->port) >> 8);
    state = enforced_step(bank, &dfa, state, bpf_ntohs(endpoint->port) & 255);
    return enforced_row_cell(bank, &dfa, ENFORCED_CELL_LOW(enforced_accept(bank, &dfa, state)),
                             ENFORCED_NETWORK_ROW_CELLS, 0);
}

static __always_inline bool is_every_ipv6(const struct endpoint* endpoint) {
    const __u32* address = (const __u32*)endpoint->address;

    return endpoint->length == 16 && !address[0] && !address[1] && !address[2] && !address[3];
}

/* The cell for a bind to every IPv4 address, to the same port. */
static __always_inline __u64 every_ipv4_cell(const struct subject* subject, const struct endpoint* endpoint) {
    struct endpoint ipv4 = *endpoint;

    ipv4.length = 4;
    return network_cell(subject->set, subject->bank, ENFORCED_BIND, &ipv4);
}

static __always_inline struct occasion on_endpoint(__u32 operation, const struct endpoint* endpoint) {
    const __u32* address = (const __u32*)endpoint->address;

    return (struct occasion){
        .operation = operation,
        .distinct = mix(mix(mix(0, (__u64)endpoint->protocol << 48 | (__u64)endpoint->port << 32 |
                                       endpoint->family << 8 | endpoint->type),
                            (__u64)address[0] << 32 | address[1]),
                        (__u64)address[2] << 32 | address[3]),
    };
}

static __always_inline void describe_endpoint(struct enforced_event* event, const struct endpoint* endpoint) {
    event->family = endpoint->family;
    if (endpoint->length) /* an IPv4-mapped address was judged as IPv4 */
        event->family = endpoint->length == 4 ? AF_INET : AF_INET6;
    event->protocol = endpoint->protocol;
    event->port = bpf_ntohs(endpoint->port);
    event->type = endpoint->type;
    __builtin_memcpy(event->address, endpoint->address, sizeof(event->address));
}

/* The cell for a socket of a family and type. */
static __always_inline __u64 family_cell(const struct enforced_set* set, const __u64* bank,
                                         const struct endpoint* socket) {
    const bool raw = socket->type == SOCK_RAW || socket->type == SOCK_PACKET;
    __u32 family = socket->family;

    if (family >= ENFORCED_FAMILIES)
        family = AF_UNSPEC;
    return enforced_cell(bank, set->families + (raw ? ENFORCED_FAMILIES : 0) + family);
}

#endif
