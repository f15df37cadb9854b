/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sockets a unit makes, and where it connects and binds them. These hooks go by the task: a socket that
 * somebody else made and passed on is held to the rules of who uses it. */
#include "lib/listener.h"
#include "lib/network.h"

/* Reads where an address points. False for what is neither IPv4 nor IPv6. Where a socket of IPv4 takes
 * AF_UNSPEC for AF_INET (`takes_unspec`), so do we. */
static __always_inline bool read_address(struct endpoint* endpoint, const struct sock* sk,
                                         const void* address, int length, bool takes_unspec) {
    __u16 family = BPF_CORE_READ((const struct sockaddr*)address, sa_family);
    __u32 ipv6[4];
    __u32 ipv4;

    if (family == AF_UNSPEC && takes_unspec && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET)
        family = AF_INET;
    if (family == AF_INET && length >= 8) {
        bpf_probe_read_kernel(&ipv4, sizeof(ipv4), address + 4);
        set_ipv4(endpoint, ipv4);
    } else if (family == AF_INET6 && length >= 24) {
        bpf_probe_read_kernel(ipv6, sizeof(ipv6), address + 8);
        set_ipv6(endpoint, ipv6);
    } else {
        return false;
    }
    bpf_probe_read_kernel(&endpoint->port, sizeof(endpoint->port), address + 2);
    endpoint->protocol = BPF_CORE_READ(sk, sk_protocol);
    endpoint->family = family;
    endpoint->type = BPF_CORE_READ(sk, sk_type);
    return true;
}

static __always_inline bool read_endpoint(struct endpoint* endpoint, const struct socket* socket,
                                          const void* address, int length, bool takes_unspec) {
    return read_address(endpoint, BPF_CORE_READ(socket, sk), address, length, takes_unspec);
}

/* Counts and announces an operation on an endpoint, and returns what the hook is to return. */
static __noinline int report_endpoint(const struct subject* subject, const struct verdict* verdict,
                                      __u32 operation, const struct endpoint* endpoint) {
    struct occasion occasion = on_endpoint(operation, endpoint);
    struct scratch* scratch;

    if (!ENFORCED_CELL_HIGH(verdict->cell))
        return 0;
    scratch = prepare(subject);
    if (!scratch)
        return -ENFORCED_EACCES;
    if (account(subject, verdict, &occasion, scratch)) {
        describe_endpoint(&scratch->event, endpoint);
        scratch->object.dentry = 0;
        announce(scratch);
    }
    return carry_out(verdict, ENFORCED_EACCES);
}

static __noinline int ask_connect(const struct subject* subject, struct endpoint* endpoint) {
    struct verdict verdict = {};

    unspecified_is_loopback(endpoint);
    verdict.cell = network_cell(subject->set, subject->bank, ENFORCED_CONNECT, endpoint);
    return report_endpoint(subject, &verdict, ENFORCED_OP_CONNECT, endpoint);
}

SEC("lsm/socket_create")
int BPF_PROG(socket_create, int family, int type, int protocol, int kern, int ret) {
    ENFORCED_BEGIN(socket_create, ret, subject, ENFORCED_SET_FAMILIES);
    struct endpoint made = {.protocol = protocol, .family = family, .type = type};
    struct verdict verdict = {};

    if (kern)
        return 0;
    verdict.cell = family_cell(subject.set, subject.bank, &made);
    return report_endpoint(&subject, &verdict, ENFORCED_OP_FAMILY, &made);
}

SEC("lsm/socket_connect")
int BPF_PROG(socket_connect, struct socket* socket, struct sockaddr* address, int length, int ret) {
    ENFORCED_BEGIN(socket_connect, ret, subject, ENFORCED_SET_NETWORK);
    struct endpoint endpoint = {};

    /* AF_UNSPEC dissolves an association: it goes nowhere. */
    if (!read_endpoint(&endpoint, socket, address, length, false))
        return 0;
    return ask_connect(&subject, &endpoint);
}

/* Whether what is bound to this is bound to every IPv4 address as well. */
static __always_inline bool is_dual(const struct socket* socket, const struct endpoint* endpoint) {
    struct sock* sk = BPF_CORE_READ(socket, sk);

    return is_every_ipv6(endpoint) && !BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only);
}

static __noinline int ask_bind(const struct subject* subject, struct socket* socket,
                               const struct endpoint* endpoint) {
    struct verdict verdict = {};

    verdict.cell = network_cell(subject->set, subject->bank, ENFORCED_BIND, endpoint);
    if (is_dual(socket, endpoint)) {
        take_severer(&verdict, every_ipv4_cell(subject, endpoint), 0);
        verdict.flags = ENFORCED_EVENT_DUAL;
    }
    return report_endpoint(subject, &verdict, ENFORCED_OP_BIND, endpoint);
}

SEC("lsm/socket_bind")
int BPF_PROG(socket_bind, struct socket* socket, struct sockaddr* address, int length, int ret) {
    ENFORCED_BEGIN(socket_bind, ret, subject, ENFORCED_SET_NETWORK);
    struct endpoint endpoint = {};

    if (!read_endpoint(&endpoint, socket, address, length, true))
        return 0;
    return ask_bind(&subject, socket, &endpoint);
}

/* A datagram's destination; also the way of a connection that begins with data (TCP fast open). */
SEC("lsm/socket_sendmsg")
int BPF_PROG(socket_sendmsg, struct socket* socket, struct msghdr* message, int size, int ret) {
    ENFORCED_BEGIN(socket_sendmsg, ret, subject, ENFORCED_SET_NETWORK);
    void* address = BPF_CORE_READ(message, msg_name);
    struct endpoint endpoint = {};

    if (!address || !read_endpoint(&endpoint, socket, address, BPF_CORE_READ(message, msg_namelen), true))
        return 0;
    return ask_connect(&subject, &endpoint);
}

/* A socket that listens without having been bound gets a port of the kernel's choice: it is bound to port 0.
 */
SEC("lsm/socket_listen")
int BPF_PROG(socket_listen, struct socket* socket, int backlog, int ret) {
    ENFORCED_BEGIN(socket_listen, ret, subject, ENFORCED_SET_NETWORK | ENFORCED_SET_ACCEPT);
    struct sock* sk = BPF_CORE_READ(socket, sk);
    struct endpoint endpoint = {
        .protocol = BPF_CORE_READ(sk, sk_protocol),
        .family = BPF_CORE_READ(sk, __sk_common.skc_family),
        .type = BPF_CORE_READ(socket, type),
    };

    if (endpoint.family != AF_INET && endpoint.family != AF_INET6)
        return 0;
    if (subject.set->flags & ENFORCED_SET_ACCEPT)
        take_listener(&subject, socket);
    endpoint.length = endpoint.family == AF_INET ? 4 : 16;
    if (BPF_CORE_READ(sk, __sk_common.skc_num))
        return 0;
    return ask_bind(&subject, socket, &endpoint);
}

/* SCTP takes lists of addresses to bind and to connect to as options of the socket: addresses of the size
 * that their family has, one behind the other. One of a connection that begins with data has been judged by
 * socket_sendmsg. */
#define SCTP_SOCKOPT_BINDX_ADD 100
#define SCTP_SOCKOPT_CONNECTX 110
#define SCTP_ADDRESSES 64

struct address_list {
    const struct subject* subject;
    __u64 sk, address; /* numbers, with which one can count */
    int length, option, result;
};

static long ask_next_address(__u32 index, struct address_list* list) {
    struct endpoint endpoint = {};

    if (list->length <= 0)
        return 1;
    if (!read_address(&endpoint, (const struct sock*)list->sk, (const void*)list->address, list->length,
                      true))
        return 1; /* the kernel will not know it either */
    if (list->option == SCTP_SOCKOPT_CONNECTX) {
        list->result = ask_connect(list->subject, &endpoint);
    } else {
        struct verdict verdict = {};

        verdict.cell = network_cell(list->subject->set, list->subject->bank, ENFORCED_BIND, &endpoint);
        list->result = report_endpoint(list->subject, &verdict, ENFORCED_OP_BIND, &endpoint);
    }
    list->address += endpoint.family == AF_INET ? 16 : 28;
    list->length -= endpoint.family == AF_INET ? 16 : 28;
    return list->result != 0;
}

SEC("lsm/sctp_bind_connect")
int BPF_PROG(sctp_bind_connect, struct sock* sk, int option, struct sockaddr* address, int length, int ret) {
    ENFORCED_BEGIN(sctp_bind_connect, ret, subject, ENFORCED_SET_NETWORK);
    struct address_list list = {.subject = &subject, .length = length, .option = option};

    if (option != SCTP_SOCKOPT_BINDX_ADD && option != SCTP_SOCKOPT_CONNECTX)
        return 0;
    bpf_probe_read_kernel(&list.sk, sizeof(list.sk), &ctx[0]);
    bpf_probe_read_kernel(&list.address, sizeof(list.address), &ctx[2]);
    bpf_loop(SCTP_ADDRESSES, ask_next_address, &list, 0);
    return list.result;
}
