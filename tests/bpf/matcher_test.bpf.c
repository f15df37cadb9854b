/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher that the programs are built with, run by the kernel on questions out of a map. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "lib/automaton.h"
#include "matcher_test.h"

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 2 * ENFORCED_BANKS);
    __type(key, __u32);
    __type(value, struct matcher_bank);
} banks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, MATCHER_BATCH);
    __type(key, __u32);
    __type(value, struct matcher_question);
} questions SEC(".maps");

static long answer(__u32 index, void* unused) {
    struct matcher_question* question = bpf_map_lookup_elem(&questions, &index);
    struct matcher_bank* bank;
    struct enforced_dfa dfa;
    __u32 state, row;

    if (!question || question->length > MATCHER_BYTES_MAX)
        return 1;
    bank = bpf_map_lookup_elem(&banks, &question->bank);
    if (!bank)
        return 1;
    dfa = question->dfa;
    state = dfa.start;
    for (__u32 i = 0; i < MATCHER_BYTES_MAX; i++) {
        if (i >= question->length)
            break;
        state = enforced_step(bank->cells, &dfa, state, question->bytes[i]);
    }
    question->accept = enforced_accept(bank->cells, &dfa, state);
    row = ENFORCED_CELL_LOW(question->accept);
    for (__u32 i = 0; i < ENFORCED_PATH_ROW_CELLS; i++) {
        if (i >= question->width)
            break;
        question->row[i] = enforced_row_cell(bank->cells, &dfa, row, question->width, i);
        question->ids[i] = enforced_cell(bank->cells, question->rules + ENFORCED_CELL_LOW(question->row[i]));
    }
    question->answered = 1;
    return 0;
}

SEC("raw_tracepoint/test")
int matcher(void* ctx) {
    return bpf_loop(MATCHER_BATCH, answer, 0, 0);
}

char LICENSE[] SEC("license") = "GPL";
