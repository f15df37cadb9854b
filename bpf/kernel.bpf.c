/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services of the kernel that give more power than a file or a socket, or have had more than their share of
 * faults.
 *
 *   kernel_module_request      the kernel would load a module, by its alias, on behalf of the unit
 *   kernel_read_file           a kernel to boot is read from a file (kexec_file_load)
 *   kernel_load_data           the same from memory (kexec_load)
 *   bpf                        any command of bpf(2)
 *   userns_create              a user namespace is made
 *   uring_allowed              io_uring_setup, since 6.15
 *   inode_init_security_anon   before that: the file that a ring is
 *   perf_event_open            any event
 *   key_alloc, key_permission  a key is made, or used in any way
 *
 * Several of these have other parameters from one kernel to the next. What stands behind the last one read
 * here is never looked at: a hook is not asked at all when a program before it has refused. */
#include "lib/credentials.h"
#include "lib/guard.h"

#define KERNEL_BEGIN(hook, subject, key) ENFORCED_BEGIN(hook, 0, subject, ENFORCED_SET_KERNEL(key))

SEC("lsm/kernel_module_request")
int BPF_PROG(kernel_module_request, char* name) {
    KERNEL_BEGIN(kernel_module_request, subject, ENFORCED_KERNEL_MODULES);
    return ask_kernel(&subject, ENFORCED_KERNEL_MODULES, 0, (__u64)name);
}

/* Modules have been asked about at `capable`. The others, such as firmware, are read for drivers, and not for
 * who happens to run. */
SEC("lsm/kernel_read_file")
int BPF_PROG(kernel_read_file, struct file* file, enum kernel_read_file_id id) {
    KERNEL_BEGIN(kernel_read_file, subject, ENFORCED_KERNEL_MODULES);

    if (id != bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE) &&
        id != bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_INITRAMFS))
        return 0;
    return ask_kernel_object(&subject, ENFORCED_KERNEL_MODULES, file->f_path.dentry, file->f_path.mnt);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(kernel_load_data, enum kernel_load_data_id id) {
    KERNEL_BEGIN(kernel_load_data, subject, ENFORCED_KERNEL_MODULES);

    if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_KEXEC_IMAGE))
        return 0;
    return ask_kernel(&subject, ENFORCED_KERNEL_MODULES, ENFORCED_LOADS_KERNEL, 0);
}

/* The number of the link that is behind a descriptor of the task's; something else if that is none. Another
 * thread can put one of the daemon's links there before the kernel looks. Links of LSM programs cannot be
 * detached, and those of cgroups are the second line behind them. */
static __noinline __u32 link_behind(__u32 fd) {
    struct fdtable* table = BPF_CORE_READ(bpf_get_current_task_btf(), files, fdt);
    struct file** files = BPF_CORE_READ(table, fd);
    struct file* file = 0;
    __u64 link;

    if (fd >= BPF_CORE_READ(table, max_fds))
        return 0;
    bpf_probe_read_kernel(&file, sizeof(file), files + fd);
    link = (__u64)BPF_CORE_READ(file, private_data);
    return BPF_CORE_READ((struct bpf_link*)link, id);
}

/* Maps and programs have hooks of their own, links have none. `attributes` is the kernel's copy. */
static __noinline int guard_link(const struct subject* subject, int command, __u64 attributes) {
    __u32 first = 0; /* the number of a link, or a descriptor */

    if (command != BPF_LINK_GET_FD_BY_ID && command != BPF_LINK_DETACH && command != BPF_LINK_UPDATE)
        return 0;
    bpf_probe_read_kernel(&first, sizeof(first), (void*)attributes);
    if (command != BPF_LINK_GET_FD_BY_ID)
        first = link_behind(first);
    if (!guard_bits(first, 0, ENFORCED_GUARD_LINK))
        return 0;
    return guard_deed(subject, ENFORCED_OP_SELF_BPF, 2, 0);
}

SEC("lsm/bpf")
int BPF_PROG(bpf, int command, __u64 attributes) {
    /* Those of other kernels have one more. A hook is not asked when a program before it has refused. */
    ENFORCED_MEET(bpf, 0, subject);

    if (guard_link(&subject, command, attributes))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_BPF)))
        return 0;
    return ask_kernel(&subject, ENFORCED_KERNEL_BPF, command, 0);
}

SEC("lsm/userns_create")
int BPF_PROG(userns_create) {
    KERNEL_BEGIN(userns_create, subject, ENFORCED_KERNEL_USER_NAMESPACE);
    return ask_kernel(&subject, ENFORCED_KERNEL_USER_NAMESPACE, 0, 0);
}

SEC("lsm/uring_allowed")
int BPF_PROG(uring_allowed) {
    KERNEL_BEGIN(uring_allowed, subject, ENFORCED_KERNEL_IO_URING);
    return ask_kernel(&subject, ENFORCED_KERNEL_IO_URING, 0, 0);
}

static __always_inline bool is_ring(const struct qstr* name) {
    char read[16] = {};

    bpf_probe_read_kernel_str(read, sizeof(read), BPF_CORE_READ(name, name));
    return IS_TEXT(read, "[io_uring]");
}

SEC("lsm/inode_init_security_anon")
int BPF_PROG(inode_init_security_anon, struct inode* inode, const struct qstr* name) {
    KERNEL_BEGIN(inode_init_security_anon, subject, ENFORCED_KERNEL_IO_URING);
    return is_ring(name) ? ask_kernel(&subject, ENFORCED_KERNEL_IO_URING, 0, 0) : 0;
}

SEC("lsm/perf_event_open")
int BPF_PROG(perf_event_open) {
    KERNEL_BEGIN(perf_event_open, subject, ENFORCED_KERNEL_PERF);
    return ask_kernel(&subject, ENFORCED_KERNEL_PERF, 0, 0);
}

/* The address of a key as a reference to it has it, of which the lowest bit says something else. As long as
 * the verifier knows it for an address it lets nobody calculate with it: so it is read as a number. */
static __always_inline __u64 referred_key(const void* context) {
    __u64 reference = 0;

    bpf_probe_read_kernel(&reference, sizeof(reference), context);
    return reference & ~1ULL;
}

static __always_inline int ask_key(const struct subject* subject, __u64 key) {
    __u64 description = (__u64)BPF_CORE_READ((struct key*)key, description);

    return ask_kernel(subject, ENFORCED_KERNEL_KEYRING, 0, description);
}

SEC("lsm/key_alloc")
int BPF_PROG(key_alloc, struct key* key, const struct cred* cred) {
    KERNEL_BEGIN(key_alloc, subject, ENFORCED_KERNEL_KEYRING);
    return for_itself(cred) ? 0 : ask_key(&subject, (__u64)key);
}

SEC("lsm/key_permission")
int BPF_PROG(key_permission, const void* reference, const struct cred* cred) {
    KERNEL_BEGIN(key_permission, subject, ENFORCED_KERNEL_KEYRING);
    return for_itself(cred) ? 0 : ask_key(&subject, referred_key(ctx));
}
