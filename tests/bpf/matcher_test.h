/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between matcher_test.bpf.c and matcher_test.cpp. */
#ifndef ENFORCED_TESTS_MATCHER_H
#define ENFORCED_TESTS_MATCHER_H

#include "abi/policy.h"

#define MATCHER_BYTES_MAX 512U
#define MATCHER_BATCH 256U

/* One text for one automaton, and what the kernel found. */
struct matcher_question {
    struct enforced_dfa dfa;
    __u32 bank;
    __u32 length;
    __u32 width; /* of a row, in cells; 0: no rows */
    __u32 rules; /* cell index of the rules' ids */
    __u8 bytes[MATCHER_BYTES_MAX];

    __u64 accept;
    __u64 row[ENFORCED_PATH_ROW_CELLS];
    __u32 ids[ENFORCED_PATH_ROW_CELLS]; /* of the rules that the row's verdict cells refer to */
    __u32 answered;
};

struct matcher_bank {
    __u64 cells[ENFORCED_BANK_CELLS];
};

#endif
