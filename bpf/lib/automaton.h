/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher: how an automaton in a bank is followed (abi/table.h has the layout). The programs, the
 * daemon's `simulate` and `explain`, and the tests compile this same file, so that all of them answer alike.
 *
 * `bank` is a whole value of the map `banks`: ENFORCED_BANK_CELLS cells. Every index is masked to that, which
 * is all the verifier asks; a corrupt table gives a wrong verdict, never a read outside of the bank.
 */
#ifndef ENFORCED_LIB_AUTOMATON_H
#define ENFORCED_LIB_AUTOMATON_H

#include "abi/table.h"

#define ENFORCED_MATCHER static inline __attribute__((always_inline, unused))

ENFORCED_MATCHER __u64 enforced_cell(const __u64* bank, __u32 index) {
    return bank[index & ENFORCED_BANK_MASK];
}

/* The state after `byte`. Two loads, and no branch that depends on how many rules there are. */
ENFORCED_MATCHER __u32 enforced_step(const __u64* bank, const struct enforced_dfa* dfa, __u32 state,
                                     __u8 byte) {
    __u64 row = enforced_cell(bank, dfa->states + state);
    __u64 entry = enforced_cell(bank, ENFORCED_CELL_LOW(row) + byte);

    return ENFORCED_CELL_LOW(entry) == state ? ENFORCED_CELL_HIGH(entry) : ENFORCED_CELL_HIGH(row);
}

/* The state after `length` bytes. A program that cannot bound `length` for the verifier loops by itself. */
ENFORCED_MATCHER __u32 enforced_run(const __u64* bank, const struct enforced_dfa* dfa, __u32 state,
                                    const __u8* bytes, __u32 length) {
    for (__u32 i = 0; i < length; i++)
        state = enforced_step(bank, dfa, state, bytes[i]);
    return state;
}

/* What `state` decides: low half a row index (or the answer itself, where there are no rows), high half
 * ENFORCED_STATE_* flags. */
ENFORCED_MATCHER __u64 enforced_accept(const __u64* bank, const struct enforced_dfa* dfa, __u32 state) {
    return enforced_cell(bank, dfa->accept + state);
}

/* Cell `column` of row `row`, which is the low half of an accept cell; `width` is ENFORCED_*_ROW_CELLS. */
ENFORCED_MATCHER __u64 enforced_row_cell(const __u64* bank, const struct enforced_dfa* dfa, __u32 row,
                                         __u32 width, __u32 column) {
    return enforced_cell(bank, dfa->rows + row * width + column);
}

#endif
