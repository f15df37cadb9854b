/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the kernel itself, and is done neither to a file nor to an address: it is said by a
 * number, and perhaps by a text. */
#ifndef ENFORCED_LIB_DEED_H
#define ENFORCED_LIB_DEED_H

#include "emit.h"

struct deed {
    __u32 operation; /* ENFORCED_OP_* */
    __u32 number;
    __u64 text; /* address of a string of the kernel's; 0: there is none */
};

#define ENFORCED_DEED_TEXT 128U /* a longer text is cut */

/* Reads the text, the rest being zero, and returns its length. */
static __always_inline __u32 read_text(struct scratch* scratch, const struct deed* deed) {
    long size = 0;

    __builtin_memset(scratch->text.bytes, 0, ENFORCED_DEED_TEXT);
    if (deed->text)
        size = bpf_probe_read_kernel_str(scratch->text.bytes, ENFORCED_DEED_TEXT, (void*)deed->text);
    return size > 1 && size <= ENFORCED_DEED_TEXT ? size - 1 : 0;
}

/* What tells texts apart, and what goes with them. */
static __always_inline __u64 distinct_text(const struct scratch* scratch, __u32 number) {
    const __u64* words = (const __u64*)scratch->text.bytes;
    __u64 hash = mix(0, number);

    /* Not unrolled: it would be kept on the stack, which is short. */
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < ENFORCED_DEED_TEXT / sizeof(*words); i++)
        hash = mix(hash, words[i]);
    return hash;
}

/* Puts the text at the end of the event's object. */
static __always_inline void tell_text(struct scratch* scratch, __u32 length) {
    __u32 offset;

    barrier_var(length); /* here and below: the verifier is to see the bounds, and no pointer made less */
    length &= ENFORCED_DEED_TEXT - 1;
    offset = ENFORCED_OBJECT_MAX - length;
    barrier_var(offset);
    bpf_probe_read_kernel(scratch->event.object + offset, length, scratch->text.bytes);
    scratch->event.object_length = length;
}

/* Counts and announces a deed, and returns what the hook is to return. */
static __noinline int report_deed(const struct subject* subject, const struct verdict* verdict,
                                  const struct deed* deed) {
    struct occasion occasion = {.operation = deed->operation};
    struct scratch* scratch = prepare(subject);
    __u32 length;

    if (!scratch) /* cannot judge: refuse */
        return -ENFORCED_EPERM;
    length = read_text(scratch, deed);
    occasion.distinct = distinct_text(scratch, deed->number);
    if (account(subject, verdict, &occasion, scratch)) {
        scratch->event.number = deed->number;
        scratch->object.dentry = 0;
        tell_text(scratch, length);
        announce(scratch);
    }
    return carry_out(verdict, ENFORCED_EPERM);
}

/* Judges what a key of [kernel] speaks of. */
static __always_inline int judge_deed(const struct subject* subject, __u32 key, const struct deed* deed) {
    struct verdict verdict = {.cell = kernel_cell(subject, key)};

    return ENFORCED_CELL_HIGH(verdict.cell) ? report_deed(subject, &verdict, deed) : 0;
}

static __noinline int ask_kernel(const struct subject* subject, __u32 key, __u32 number, __u64 text) {
    struct deed deed = {.operation = ENFORCED_OP_KERNEL(key), .number = number, .text = text};

    return judge_deed(subject, key, &deed);
}

#endif
