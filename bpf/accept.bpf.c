/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose connections a unit accepts. When a program calls accept() it is too late: the peer is connected, and
 * stays in the queue if the call is refused. So the request is refused, before anything is answered: to the
 * peer it is as if nobody were there. No process is at that, and the unit is that of the socket which
 * listens. */
#include "lib/listener.h"
#include "lib/taskless.h"

static __always_inline void read_peer(struct endpoint* peer, const struct request_sock* request) {
    __u32 ipv6[4];

    peer->protocol = PROTOCOL_TCP;
    peer->type = SOCK_STREAM;
    if (BPF_CORE_READ(request, __req_common.skc_family) == AF_INET) {
        set_ipv4(peer, BPF_CORE_READ(request, __req_common.skc_daddr));
        return;
    }
    /* That of a socket for both holds an IPv4 address in its mapped form. */
    BPF_CORE_READ_INTO(&ipv6, request, __req_common.skc_v6_daddr.in6_u.u6_addr32);
    set_ipv6(peer, ipv6);
}

static __always_inline bool governed_listener(const struct enforced_control* control, struct subject* subject,
                                              const struct sock* sk) {
    __u64* owner = bpf_sk_storage_get(&listeners, (void*)sk, 0, 0);

    if (!control->generation)
        return false;
    if (owner && *owner && governed_unit(control, subject, *owner))
        return true;
    return governed_cgroup(control, subject, BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id));
}

SEC("lsm/inet_conn_request")
int BPF_PROG(inet_conn_request, const struct sock* sk, struct sk_buff* packet, struct request_sock* request,
             int ret) {
    struct enforced_control* control = get_control();
    struct verdict verdict = {};
    struct endpoint peer = {};
    struct subject subject = {};

    if (ret)
        return ret;
    if (!control)
        return 0;
    if (marked_canary(control, ENFORCED_HOOK_inet_conn_request, BPF_CORE_READ(sk, sk_mark)))
        return -ENFORCED_EOWNERDEAD;
    if (!governed_listener(control, &subject, sk) || !(subject.set->flags & ENFORCED_SET_ACCEPT))
        return 0;
    read_peer(&peer, request);
    verdict.cell = network_cell(subject.set, subject.bank, ENFORCED_ACCEPT, &peer);
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    report_packet(&subject, &verdict, ENFORCED_OP_ACCEPT, &peer);
    return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict.cell)) ? -ENFORCED_EACCES : 0;
}

/* Decides nothing by itself. */
SEC("lsm/socket_accept")
int BPF_PROG(socket_accept, struct socket* socket, struct socket* accepted, int ret) {
    ENFORCED_BEGIN(socket_accept, ret, subject, ENFORCED_SET_ACCEPT);

    take_listener(&subject, socket);
    return 0;
}
