/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second line for the network, and the only one where the kernel has no BPF LSM: programs on the root of
 * the cgroup hierarchy, which go by the cgroup of the current task, or of the socket. They see what no LSM
 * hook does (the destination of a fast open), and know less: not who is still in the manager's phase, nor who
 * moved away. */
#include "lib/taskless.h"

#define ETH_P_IP 0x0800

#define PERMIT 1
#define REFUSE 0

static __always_inline bool governed_here(struct enforced_control* control, struct subject* subject) {
    return governed_cgroup(control, subject, bpf_get_current_cgroup_id());
}

/* Where LSM hooks are asked, an operation that is only reported has been reported by them. */
static __noinline int settle(const struct enforced_control* control, const struct subject* subject,
                             const struct verdict* verdict, __u32 operation,
                             const struct endpoint* endpoint) {
    const bool refused = ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict->cell));

    if (!ENFORCED_CELL_HIGH(verdict->cell) || (control->lsm && !refused))
        return PERMIT;
    report_endpoint_of_task(subject, verdict, operation, endpoint);
    return refused ? REFUSE : PERMIT;
}

static __always_inline int ask_address(struct bpf_sock_addr* ctx, __u32 hook, __u32 network_op, bool ipv6) {
    struct enforced_control* control = get_control();
    struct endpoint endpoint = {};
    struct verdict verdict = {};
    struct subject subject;

    if (!control)
        return PERMIT;
    if (canary(control, hook))
        return REFUSE;
    if (!governed_here(control, &subject) || !(subject.set->flags & ENFORCED_SET_NETWORK))
        return PERMIT;
    endpoint.protocol = ctx->protocol;
    endpoint.port = ctx->user_port;
    endpoint.family = ipv6 ? AF_INET6 : AF_INET;
    endpoint.type = ctx->type;
    if (ipv6) {
        __u32 address[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};
        set_ipv6(&endpoint, address);
    } else {
        set_ipv4(&endpoint, ctx->user_ip4);
    }
    if (network_op == ENFORCED_CONNECT)
        unspecified_is_loopback(&endpoint);
    verdict.cell = network_cell(subject.set, subject.bank, network_op, &endpoint);
    /* These programs are not told whether the socket is for IPv6 only; the LSM hook, which comes first, is.
     */
    if (network_op == ENFORCED_BIND && !control->lsm && is_every_ipv6(&endpoint)) {
        take_severer(&verdict, every_ipv4_cell(&subject, &endpoint), 0);
        verdict.flags = ENFORCED_EVENT_DUAL;
    }
    return settle(control, &subject, &verdict,
                  network_op == ENFORCED_CONNECT ? ENFORCED_OP_CONNECT : ENFORCED_OP_BIND, &endpoint);
}

SEC("cgroup/connect4")
int cgroup_connect4(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_connect4, ENFORCED_CONNECT, false);
}

SEC("cgroup/connect6")
int cgroup_connect6(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_connect6, ENFORCED_CONNECT, true);
}

SEC("cgroup/sendmsg4")
int cgroup_sendmsg4(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_sendmsg4, ENFORCED_CONNECT, false);
}

SEC("cgroup/sendmsg6")
int cgroup_sendmsg6(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_sendmsg6, ENFORCED_CONNECT, true);
}

SEC("cgroup/bind4")
int cgroup_bind4(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_bind4, ENFORCED_BIND, false);
}

SEC("cgroup/bind6")
int cgroup_bind6(struct bpf_sock_addr* ctx) {
    return ask_address(ctx, ENFORCED_HOOK_cgroup_bind6, ENFORCED_BIND, true);
}

/* The packet's own destination: what a raw socket sends is not bound to what it was asked for. False if it
 * cannot be read. */
static __always_inline bool read_destination(struct __sk_buff* packet, struct endpoint* to) {
    __u32 ipv6[4], ipv4;
    __u8 protocol;

    if (packet->protocol == bpf_htons(ETH_P_IP)) {
        if (bpf_skb_load_bytes(packet, 9, &protocol, 1) ||
            bpf_skb_load_bytes(packet, 16, &ipv4, sizeof(ipv4)))
            return false;
        set_ipv4(to, ipv4);
    } else {
        if (bpf_skb_load_bytes(packet, 6, &protocol, 1) || bpf_skb_load_bytes(packet, 24, ipv6, sizeof(ipv6)))
            return false;
        set_ipv6(to, ipv6);
    }
    to->protocol = protocol;
    return true;
}

static __always_inline void read_peer(const struct bpf_sock* sk, struct endpoint* to) {
    __u32 ipv6[4] = {sk->dst_ip6[0], sk->dst_ip6[1], sk->dst_ip6[2], sk->dst_ip6[3]};

    if (sk->family == AF_INET)
        set_ipv4(to, sk->dst_ip4);
    else
        set_ipv6(to, ipv6);
    to->port = sk->dst_port;
    to->protocol = PROTOCOL_TCP;
}

/* The last line, for what no hook of sockets is asked about: packets of raw sockets that were there before,
 * or were passed on, or which hold another destination than the one that was asked for; and connections that
 * the kernel makes by itself, as MPTCP does. All else has been judged, and its packets are let through: an
 * answer to a client goes where the unit might not connect to, and what is translated (DNAT) where nobody
 * asked for. */
SEC("cgroup_skb/egress")
int cgroup_egress(struct __sk_buff* packet) {
    struct enforced_control* control;
    struct endpoint to = {};
    struct verdict verdict = {};
    struct subject subject = {};
    struct bpf_sock* sk = packet->sk;

    if (!sk)
        return PERMIT;
    sk = bpf_sk_fullsock(sk);
    if (!sk || (sk->type != SOCK_RAW && sk->state != BPF_TCP_SYN_SENT))
        return PERMIT;
    control = get_control();
    if (!control)
        return PERMIT;
    if (marked_canary(control, ENFORCED_HOOK_cgroup_egress, sk->mark))
        return REFUSE;
    if (!governed_cgroup(control, &subject, bpf_skb_cgroup_id(packet)) ||
        !(subject.set->flags & ENFORCED_SET_NETWORK))
        return PERMIT;
    to.type = sk->type;
    if (sk->type != SOCK_RAW)
        read_peer(sk, &to);
    else if (!read_destination(packet, &to))
        return REFUSE;
    unspecified_is_loopback(&to);
    verdict.cell = network_cell(subject.set, subject.bank, ENFORCED_CONNECT, &to);
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return PERMIT;
    /* What is only reported of a connection was reported when it was asked for. */
    if (sk->type == SOCK_RAW || ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict.cell)))
        report_packet(&subject, &verdict, ENFORCED_OP_CONNECT, &to);
    return ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict.cell)) ? REFUSE : PERMIT;
}

/* Sockets of IPv4 and IPv6 only: no other family comes here. */
SEC("cgroup/sock_create")
int cgroup_sock_create(struct bpf_sock* ctx) {
    struct enforced_control* control = get_control();
    struct endpoint made = {.protocol = ctx->protocol, .family = ctx->family, .type = ctx->type};
    struct verdict verdict = {};
    struct subject subject;

    if (!control)
        return PERMIT;
    if (canary(control, ENFORCED_HOOK_cgroup_sock_create))
        return REFUSE;
    if (!governed_here(control, &subject) || !(subject.set->flags & ENFORCED_SET_FAMILIES))
        return PERMIT;
    verdict.cell = family_cell(subject.set, subject.bank, &made);
    return settle(control, &subject, &verdict, ENFORCED_OP_FAMILY, &made);
}
