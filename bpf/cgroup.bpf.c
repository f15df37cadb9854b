/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second line for the network, and the only one where the kernel has no BPF LSM: programs on the root of
 * the cgroup hierarchy, which go by the cgroup of the current task. They see what no LSM hook does (the
 * destination of a fast open), and know less: not who is still in the manager's phase, nor who moved away. */
#include "lib/network.h"

#define PERMIT 1
#define REFUSE 0

static __always_inline bool governed_here(struct enforced_control* control, struct subject* subject) {
    __u64 cgroup = bpf_get_current_cgroup_id();
    struct enforced_cgroup* entry;
    struct enforced_unit* unit;
    __u32 set;

    if (!control->generation)
        return false;
    entry = bpf_map_lookup_elem(&cgroups, &cgroup);
    if (!entry)
        return false;
    subject->unit = entry->unit;
    subject->label = 0;
    unit = bpf_map_lookup_elem(&units, &subject->unit);
    if (!unit)
        return false;
    set = unit_set(unit, control);
    return set && subject_of_set(subject, set);
}

/* Counts and announces. The event is built in the ring itself: these programs have no task storage on 6.1,
 * and so no scratch, and do not say which program the task runs. */
static __noinline void report_endpoint(const struct subject* subject, const struct verdict* verdict,
                                       __u32 operation, const struct endpoint* endpoint) {
    struct occasion occasion = on_endpoint(operation, endpoint);
    struct enforced_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

    if (!event) { /* counted all the same */
        count_rule(subject->unit, rule_id(subject, verdict->cell), ENFORCED_CELL_HIGH(verdict->cell));
        count(ENFORCED_STAT_EVENTS_LOST);
        return;
    }
    if (!account(subject, verdict, &occasion, event)) {
        bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
        return;
    }
    describe_endpoint(event, endpoint);
    bpf_ringbuf_submit(event, 0);
}

/* Where LSM hooks are asked, an operation that is only reported has been reported by them. */
static __noinline int settle(const struct enforced_control* control, const struct subject* subject,
                             const struct verdict* verdict, __u32 operation,
                             const struct endpoint* endpoint) {
    const bool refused = ENFORCED_IS_REFUSAL(ENFORCED_CELL_HIGH(verdict->cell));

    if (!ENFORCED_CELL_HIGH(verdict->cell) || (control->lsm && !refused))
        return PERMIT;
    report_endpoint(subject, verdict, operation, endpoint);
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
