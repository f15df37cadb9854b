/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local sockets, AF_UNIX: to whom the unit connects, and sends datagrams. It is judged by what the other one
 * is bound to, and not by what the unit calls it: its links, mounts and roots make no difference.
 *
 * A path is called as whoever bound it saw it: names begin at the root of the unit, or else where PID 1's do.
 * An abstract name is its bytes behind an '@'. */
#include "lib/manager.h"

#define ABSTRACT_MAX 107U /* bytes of an abstract name */

/* Reads the address's name into scratch->text, the rest being zero, and returns its length. */
static __always_inline __u32 read_abstract(struct scratch* scratch, struct unix_address* address) {
    __u64 name = (__u64)address + bpf_core_field_offset(struct unix_address, name) + SUN_PATH + 1;
    __u32 length = BPF_CORE_READ(address, len) - SUN_PATH - 1;

    __builtin_memset(scratch->text.bytes, 0, ENFORCED_DEED_TEXT);
    scratch->text.bytes[0] = '@';
    if (length > ABSTRACT_MAX)
        length = ABSTRACT_MAX;
    bpf_probe_read_kernel(scratch->text.bytes + 1, length, (void*)name);
    return length + 1;
}

static __noinline int ask_abstract(const struct subject* subject, struct scratch* scratch,
                                   struct unix_address* address) {
    struct occasion occasion = {.operation = ENFORCED_OP_UNIX};
    struct verdict verdict = {};
    __u32 index = scratch->bank, length = read_abstract(scratch, address);

    verdict.cell = path_cell(
        subject, step_text(bpf_map_lookup_elem(&banks, &index), &scratch->paths, &scratch->text, length),
        ENFORCED_ROW_BY_NAME + ENFORCED_SOCKET);
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    occasion.distinct = distinct_text(scratch, 0);
    if (account(subject, &verdict, &occasion, scratch)) {
        scratch->object.dentry = 0;
        tell_text(scratch, length);
        announce(scratch);
    }
    return carry_out(&verdict, ENFORCED_EACCES);
}

/* Where the path of a socket begins: the mounts through which it was bound may be those of another namespace
 * than the unit's, so that only directories can be the same. */
static __always_inline void name_by_directories(struct scratch* scratch) {
    struct enforced_control* control = get_control();

    scratch->root_mount = 0;
    scratch->top = control ? control->root : 0;
}

static __noinline int ask_peer(const struct subject* subject, struct sock* peer) {
    struct unix_sock* sock = (void*)peer;
    struct unix_address* address = BPF_CORE_READ(sock, addr);
    __u64 dentry = (__u64)BPF_CORE_READ(sock, path.dentry);
    struct scratch* scratch;

    if (!address) /* one of a pair, to which nobody can connect: who has it got it from who made it */
        return 0;
    scratch = prepare(subject);
    if (!scratch)
        return -ENFORCED_EACCES;
    if (!dentry)
        return ask_abstract(subject, scratch, address);
    name_by_directories(scratch);
    look_at_address(scratch, dentry, (__u64)BPF_CORE_READ(sock, path.mnt));
    return ask_object(subject, scratch, ENFORCED_SOCKET, ENFORCED_OP_UNIX);
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(unix_stream_connect, struct sock* sock, struct sock* listener, struct sock* accepted, int ret) {
    ENFORCED_BEGIN(unix_stream_connect, ret, subject,
                   ENFORCED_SET_UNIX | ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SYSTEMD));

    if (subject.set->flags & ENFORCED_SET_UNIX)
        ret = ask_peer(&subject, listener);
    return ret ? ret : ask_manager(&subject, listener);
}

/* Each datagram, and connecting a socket that sends them. */
SEC("lsm/unix_may_send")
int BPF_PROG(unix_may_send, struct socket* socket, struct socket* other, int ret) {
    ENFORCED_BEGIN(unix_may_send, ret, subject, ENFORCED_SET_UNIX);

    /* By a copy: what newer verifiers know of it is that it may be null. */
    return ask_peer(&subject, BPF_CORE_READ(other, sk));
}
