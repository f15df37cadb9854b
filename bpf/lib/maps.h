/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every map, with who writes it and who reads it. The definitions are weak: each program file includes them,
 * and the static linker makes one of them. All are pinned by the daemon, so that they outlive it. */
#ifndef ENFORCED_LIB_MAPS_H
#define ENFORCED_LIB_MAPS_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "abi/event.h"
#include "abi/policy.h"

struct enforced_bank {
    __u64 cells[ENFORCED_BANK_CELLS];
};

/* Daemon writes, but for `fired`; programs read. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct enforced_control);
} control SEC(".maps") __weak;

/* Daemon writes, into the parity that is not in force; programs read. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 2 * ENFORCED_BANKS);
    __type(key, __u32);
    __type(value, struct enforced_bank);
} banks SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 2 * ENFORCED_SETS);
    __type(key, __u32);
    __type(value, struct enforced_set);
} sets SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 65536);
    __type(key, struct enforced_anchor_key);
    __type(value, struct enforced_anchor);
} anchors SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 16384);
    __type(key, struct enforced_guard_key);
    __type(value, __u32);
} guards SEC(".maps") __weak;

/* Programs write and read. */
struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct enforced_label);
} labels SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64); /* time of the fork, ns: unique, as PID 1 is one thread */
    __type(value, __u32);
} launches SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 4096);
    __type(key, __u32);   /* thread id */
    __type(value, __u32); /* enum executed, see subject.h */
} execs SEC(".maps") __weak;

/* Programs add; the daemon adds what was there before it, and removes what is gone. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 16384);
    __type(key, __u64);
    __type(value, struct enforced_unit);
} units SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 65536);
    __type(key, __u64);
    __type(value, struct enforced_cgroup);
} cgroups SEC(".maps") __weak;

/* Programs write; the daemon reads. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 65536);
    __type(key, struct enforced_counter_key);
    __type(value, struct enforced_counter);
} counters SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 16384);
    __type(key, __u64);
    __type(value, struct enforced_repeat);
} repeats SEC(".maps") __weak;

#define ENFORCED_RING (1U << 20) /* bytes */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, ENFORCED_RING);
} events SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, ENFORCED_STAT_COUNT);
    __type(key, __u32);
    __type(value, __u64);
} statistics SEC(".maps") __weak;

static __always_inline void count(__u32 statistic) {
    __u64* value = bpf_map_lookup_elem(&statistics, &statistic);

    if (value)
        __sync_fetch_and_add(value, 1);
}

static __always_inline struct enforced_control* get_control(void) {
    __u32 zero = 0;

    return bpf_map_lookup_elem(&control, &zero);
}

#endif
