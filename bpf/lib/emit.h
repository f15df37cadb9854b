/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says what was refused: counts it, always, and puts an event into the ring unless an equal one went there
 * just now. The verdict is settled before any of this; nothing here can change it. */
#ifndef ENFORCED_LIB_EMIT_H
#define ENFORCED_LIB_EMIT_H

#include "verdict.h"

/* What was tried, and on what. */
struct occasion {
    __u32 operation; /* enum enforced_operation */
    __u32 pad;
    __u64 distinct; /* operations of one rule on objects that differ in this are told apart */
};

static __always_inline __u32 class_of(__u32 operation) {
    if (operation <= ENFORCED_OP_CHROOT)
        return ENFORCED_CLASS_FILE;
    if (operation <= ENFORCED_OP_WRITABLE_MEMORY)
        return ENFORCED_CLASS_EXEC;
    if (operation <= ENFORCED_OP_UNIX)
        return ENFORCED_CLASS_NETWORK;
    if (operation < ENFORCED_OP_KERNEL(0))
        return ENFORCED_CLASS_CAPABILITY;
    return operation < ENFORCED_OP_SELF ? ENFORCED_CLASS_KERNEL : ENFORCED_CLASS_SELF;
}

/* Not on the stack, of which there is little left here. */
static const struct enforced_counter nothing_counted = {};

/* Returns null if there is no room for the counter. */
static __always_inline struct enforced_counter* count_rule(__u64 unit, __u32 rule, __u32 verdict) {
    struct enforced_counter_key key = {.unit = unit, .rule = rule, .verdict = verdict};
    struct enforced_counter* counter = bpf_map_lookup_elem(&counters, &key);

    if (!counter) {
        bpf_map_update_elem(&counters, &key, &nothing_counted, BPF_NOEXIST);
        counter = bpf_map_lookup_elem(&counters, &key);
    }
    if (counter)
        __sync_fetch_and_add(&counter->total, 1);
    else
        count(ENFORCED_STAT_COUNTERS_FULL);
    return counter;
}

/* Whether an event may go into the ring. Who makes ever new ones as fast as they come fills three quarters of
 * it: the last is for rules that have not been heard of just now, so that no flood hides what else is
 * refused. Two operations on which the same rule speaks can still hide each other. */
ENFORCED_GLOBAL int has_a_place(struct enforced_counter* counter, __u64 now) {
    if (!counter)
        return true;
    if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > ENFORCED_RING / 4 * 3 && counter->announced &&
        now - counter->announced < ENFORCED_REPEAT_WINDOW_NS) {
        count(ENFORCED_STAT_EVENTS_LOST);
        return false;
    }
    counter->announced = now;
    return true;
}

/* Says who it is that does it. */
static __always_inline void tell_task(struct enforced_event* event) {
    event->pid = bpf_get_current_pid_tgid() >> 32;
    event->tid = bpf_get_current_pid_tgid();
    event->uid = bpf_get_current_uid_gid();
    event->gid = bpf_get_current_uid_gid() >> 32;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
}

/* Counts what was done. Returns whether it is to be announced, and as what. */
static __always_inline bool is_due(const struct subject* subject, const struct verdict* verdict,
                                   const struct occasion* occasion, struct announcement* announcement) {
    const __u64 now = bpf_ktime_get_boot_ns();
    __u64 key = 0, before, total = 1;
    __u32 rule = rule_id(subject, verdict->cell), what = ENFORCED_CELL_HIGH(verdict->cell);
    struct enforced_repeat first = {
        .unit = subject->unit,
        .rule = rule,
        .verdict = what,
        .class_ = class_of(occasion->operation),
        .operation = occasion->operation,
    };
    struct enforced_counter* counter = 0;
    struct enforced_repeat* repeat;

    if (subject->unit)
        counter = count_rule(subject->unit, rule, what);
    key = mix(mix(mix(key, subject->unit), (__u64)rule << 32 | what << 8 | occasion->operation),
              occasion->distinct);
    repeat = bpf_map_lookup_elem(&repeats, &key);
    if (!repeat) {
        bpf_map_update_elem(&repeats, &key, &first, BPF_NOEXIST);
        repeat = bpf_map_lookup_elem(&repeats, &key);
    }
    if (repeat) {
        total = __sync_fetch_and_add(&repeat->total, 1) + 1;
        before = repeat->announced;
        if (before && now - before < ENFORCED_REPEAT_WINDOW_NS)
            return false;
        repeat->announced = now;
    } else {
        count(ENFORCED_STAT_REPEATS_FULL);
        key = 0;
    }
    announcement->time = now;
    announcement->repeat = key;
    announcement->total = total;
    return has_a_place(counter, now);
}

/* Fills in the head of an event that nobody made, such as a packet's. */
static __always_inline void begin_event(struct enforced_event* event, const struct subject* subject,
                                        const struct verdict* verdict, const struct occasion* occasion,
                                        const struct announcement* announcement) {
    event->version = ENFORCED_EVENT_VERSION;
    event->flags = verdict->flags;
    event->time = announcement->time;
    event->unit = subject->unit;
    event->repeat = announcement->repeat;
    event->total = announcement->total;
    event->rule = rule_id(subject, verdict->cell);
    event->verdict = ENFORCED_CELL_HIGH(verdict->cell);
    event->operation = occasion->operation;
    event->class_ = class_of(occasion->operation);
    event->pid = event->tid = event->uid = event->gid = 0;
    __builtin_memset(event->comm, 0, sizeof(event->comm));
    event->ino = 0;
    event->dev = 0;
    event->family = event->protocol = event->port = event->type = 0;
    event->number = 0;
    event->object_length = event->exe_length = 0;
    __builtin_memset(event->address, 0, sizeof(event->address));
}

/* Counts what the current task did. Returns whether it is to be announced; then scratch->event has its head.
 */
static __always_inline bool account(const struct subject* subject, const struct verdict* verdict,
                                    const struct occasion* occasion, struct scratch* scratch) {
    if (!is_due(subject, verdict, occasion, &scratch->announcement))
        return false;
    begin_event(&scratch->event, subject, verdict, occasion, &scratch->announcement);
    tell_task(&scratch->event);
    return true;
}

/* Turns a verdict into what the hook returns. */
static __always_inline int carry_out(const struct verdict* verdict, int error) {
    __u32 what = ENFORCED_CELL_HIGH(verdict->cell);

    if (what == ENFORCED_KILL)
        bpf_send_signal(9);
    return ENFORCED_IS_REFUSAL(what) ? -error : 0;
}

static long spell_one(__u32 index, struct scratch** context) {
    struct scratch* scratch = *context;
    struct component* component = &scratch->walk.components[index & (ENFORCED_DEPTH_MAX - 1)];
    __u32 length = component->length, offset = scratch->walk.begin;
    char* text = (char*)&scratch->event;

    if (length >= ENFORCED_NAME_BYTES || length + 1 > offset - scratch->walk.end) {
        scratch->walk.confused = 1;
        return 1;
    }
    offset -= length + 1;
    if (offset > sizeof(scratch->event) - 1)
        return 1;
    text[offset] = '/';
    bpf_probe_read_kernel(text + offset + 1, length & (ENFORCED_NAME_BYTES - 1), (void*)component->name);
    scratch->walk.begin = offset;
    return 0;
}

/* Writes the name of a dentry, as far as it is known, so that it ends at the end of event.object (or
 * event.exe). Returns its length; sets walk.confused if its beginning is missing. */
ENFORCED_GLOBAL int spell(struct scratch* scratch, __u64 dentry, __u64 mount, int exe) {
    const __u32 begin = exe ? __builtin_offsetof(struct enforced_event, exe)
                            : __builtin_offsetof(struct enforced_event, object);
    const __u32 end = exe ? __builtin_offsetof(struct enforced_event, exe) + ENFORCED_EXE_MAX
                          : __builtin_offsetof(struct enforced_event, object) + ENFORCED_OBJECT_MAX;
    struct walk* walk;

    if (!scratch)
        return 0;
    walk = &scratch->walk;
    climb_from(scratch, dentry, mount, 0);
    walk->confused = !walk->resolved && walk->count >= ENFORCED_DEPTH_MAX;
    walk->end = begin;
    walk->begin = end;
    if (!walk->count) { /* a root, or what hangs in no tree, such as a memfd: that has a name all the same */
        walk->components[0].name = (__u64)BPF_CORE_READ((struct dentry*)dentry, d_name.name);
        walk->components[0].length = BPF_CORE_READ((struct dentry*)dentry, d_name.len);
        walk->count = walk->components[0].length > 1;
    }
    bpf_loop(walk->count, spell_one, &scratch, 0);
    if (walk->begin == end) {
        ((char*)&scratch->event)[end - 1] = '/';
        walk->begin = end - 1;
    }
    return end - walk->begin;
}

/* Puts the names into the event and the event into the ring. */
ENFORCED_GLOBAL int announce(struct scratch* scratch) {
    struct enforced_event* event;
    struct object* object;
    struct dentry* dentry;
    struct file* exe;

    if (!scratch)
        return 0;
    event = &scratch->event;
    object = &scratch->object;
    dentry = (void*)object->dentry;
    if (dentry) {
        event->ino = inode_number((__u64)BPF_CORE_READ(dentry, d_inode));
        event->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
        event->object_length = spell(scratch, object->dentry, object->mount, false);
        if (scratch->walk.confused)
            event->flags |= ENFORCED_EVENT_OBJECT_CUT;
    }
    exe = BPF_CORE_READ(bpf_get_current_task_btf(), mm, exe_file);
    if (exe) {
        event->exe_length = spell(scratch, (__u64)BPF_CORE_READ(exe, f_path.dentry),
                                  (__u64)BPF_CORE_READ(exe, f_path.mnt), true);
        if (scratch->walk.confused)
            event->flags |= ENFORCED_EVENT_EXE_CUT;
    }
    if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
        count(ENFORCED_STAT_EVENTS_LOST);
    return 0;
}

/* What tells objects apart. A dentry's address alone does not: it is used anew as soon as it is free, so that
 * an attacker could hide one name behind another. */
static __always_inline __u64 distinct_object(__u64 dentry) {
    struct link link = {};

    if (!dentry)
        return 0;
    read_link(&link, dentry);
    link.hash = BPF_CORE_READ((struct dentry*)dentry, d_name.hash);
    return mix(mix(mix(0, link.parent), (__u64)link.length << 32 | link.hash), inode_number(link.inode));
}

/* Counts and announces an operation on scratch->object, and returns what the hook is to return: EPERM where
 * the kernel would say so of a missing capability, EACCES otherwise. */
static __noinline int report_object(const struct subject* subject, struct scratch* scratch,
                                    const struct verdict* verdict, __u32 operation) {
    struct occasion occasion = {.operation = operation, .distinct = distinct_object(scratch->object.dentry)};

    if (account(subject, verdict, &occasion, scratch))
        announce(scratch);
    return carry_out(verdict, operation == ENFORCED_OP_MOUNT || operation == ENFORCED_OP_CHROOT ||
                                      operation >= ENFORCED_OP_KERNEL(0)
                                  ? ENFORCED_EPERM
                                  : ENFORCED_EACCES);
}

/* Judges one access to scratch->object, and reports it unless it is simply permitted. */
static __always_inline int ask_object(const struct subject* subject, struct scratch* scratch, __u32 access,
                                      __u32 operation) {
    struct verdict verdict;

    find_name(scratch);
    verdict = judge(subject, &scratch->name, access);
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    return report_object(subject, scratch, &verdict, operation);
}

/* Judges one access to what scratch->name says by identity alone. For what the kernel itself does below a
 * file system that lies on another, such as an overlay: by name, the unit was asked about the one above. */
static __always_inline int ask_identity(const struct subject* subject, struct scratch* scratch, __u32 access,
                                        __u32 operation) {
    struct verdict verdict = judge_identity(subject, &scratch->name, access);

    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    scratch->object.mount =
        0; /* to be called by its path in its file system: no mount of the unit's leads there */
    return report_object(subject, scratch, &verdict, operation);
}

/* Whether scratch->object was reached through a mount that only the kernel can use, as overlayfs has one for
 * each of its layers. */
static __always_inline bool by_private_mount(const struct scratch* scratch) {
    __u64 mount = scratch->object.mount;

    return mount && (__u64)BPF_CORE_READ((struct mount*)mount_of(mount), mnt_ns) == ENFORCED_MNT_NS_INTERNAL;
}

/* The same as ask_object for a dentry as it is reached through a mount. */
static __noinline int ask_path(const struct subject* subject, __u32 access, __u32 operation,
                               struct dentry* dentry, struct vfsmount* mount) {
    struct scratch* scratch = prepare(subject);

    if (!scratch) /* cannot judge: refuse */
        return -ENFORCED_EACCES;
    look_at(scratch, dentry, mount);
    return ask_object(subject, scratch, access, operation);
}

/* Reports an operation on which the set has one verdict, whatever it is done to; that is only said, and may
 * be missing. */
static __noinline int ask_cell(const struct subject* subject, __u64 cell, __u32 operation,
                               struct dentry* dentry, struct vfsmount* mount) {
    struct verdict verdict = {.cell = cell};
    struct scratch* scratch;

    if (!ENFORCED_CELL_HIGH(cell))
        return 0;
    scratch = prepare(subject);
    if (!scratch)
        return -ENFORCED_EACCES;
    scratch->object.dentry = (__u64)dentry;
    scratch->object.mount = (__u64)mount;
    return report_object(subject, scratch, &verdict, operation);
}

/* What a key of [kernel] speaks of, where that is done to a file. */
static __always_inline int ask_kernel_object(const struct subject* subject, __u32 key, struct dentry* dentry,
                                             struct vfsmount* mount) {
    return ask_cell(subject, kernel_cell(subject, key), ENFORCED_OP_KERNEL(key), dentry, mount);
}

#endif
