/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules say of an operation: verdict cells, the severest of those that apply. */
#ifndef ENFORCED_LIB_VERDICT_H
#define ENFORCED_LIB_VERDICT_H

#include "name.h"

struct verdict {
    __u64 cell;
    __u32 flags; /* ENFORCED_EVENT_*: how it came about */
    __u32 pad;
};

static __always_inline __u64 row_cell(const struct enforced_set* set, const __u64* bank, __u32 state,
                                      __u32 column) {
    const struct enforced_dfa dfa = set->paths;
    __u32 row = ENFORCED_CELL_LOW(enforced_accept(bank, &dfa, state));

    return enforced_row_cell(bank, &dfa, row, ENFORCED_PATH_ROW_CELLS, column);
}

static __always_inline __u64 path_cell(const struct subject* subject, __u32 state, __u32 column) {
    return row_cell(subject->set, subject->bank, state, column);
}

/* The verdict on a key of [kernel]. */
static __always_inline __u64 kernel_cell(const struct subject* subject, __u32 key) {
    if (!(subject->set->flags & ENFORCED_SET_KERNEL(key)))
        return 0;
    return enforced_cell(subject->bank, subject->set->kernel + key);
}

static __always_inline void take_severer(struct verdict* verdict, __u64 cell, __u32 flags) {
    if (ENFORCED_CELL_HIGH(cell) > ENFORCED_CELL_HIGH(verdict->cell)) {
        verdict->cell = cell;
        verdict->flags = flags;
    }
}

/* What the deny and kill rules say of an object by its identity, where that says more than its name. */
static __always_inline void take_identity(struct verdict* verdict, const struct enforced_set* set,
                                          const __u64* bank, const struct name* name, __u32 access) {
    for (int i = 0; i < 2; i++) {
        if (name->identity[i] && !(name->resolved && name->identity[i] == name->state))
            take_severer(verdict, row_cell(set, bank, name->identity[i], ENFORCED_ROW_BY_IDENTITY + access),
                         ENFORCED_EVENT_BY_IDENTITY);
    }
}

static __always_inline struct verdict judge_identity(const struct subject* subject, const struct name* name,
                                                     __u32 access) {
    struct verdict verdict = {};

    take_identity(&verdict, subject->set, subject->bank, name, access);
    return verdict;
}

ENFORCED_GLOBAL int judge_into(struct verdict* verdict, const struct enforced_set* set,
                               const struct enforced_bank* bank, const struct name* name, __u32 access) {
    if (!verdict || !set || !bank || !name)
        return 0;
    take_identity(verdict, set, bank->cells, name, access);
    if (name->resolved) {
        take_severer(verdict, row_cell(set, bank->cells, name->state, ENFORCED_ROW_BY_NAME + access), 0);
        return 0;
    }
    count(ENFORCED_STAT_UNRESOLVED);
    if (access >= ENFORCED_RUN)
        take_severer(verdict, row_cell(set, bank->cells, set->paths.start, ENFORCED_ROW_BY_NAME + access),
                     ENFORCED_EVENT_UNRESOLVED);
    else if (set->flags & ENFORCED_SET_FILE)
        take_severer(verdict, set->unresolved, ENFORCED_EVENT_UNRESOLVED);
    return 0;
}

/* What `access` to an object comes to. An object without a name is refused wherever there are file rules; to
 * run or map one is what the default of the exec rules says, as no rule can name it. */
static __always_inline struct verdict judge(const struct subject* subject, const struct name* name,
                                            __u32 access) {
    struct verdict verdict = {};

    judge_into(&verdict, subject->set, (const struct enforced_bank*)subject->bank, name, access);
    return verdict;
}

/* The mask of what a name permits. */
static __always_inline __u32 permitted(const struct subject* subject, const struct name* name) {
    return name->resolved ? ENFORCED_CELL_LOW(path_cell(subject, name->state, 0)) : 0;
}

static __always_inline __u32 rule_id(const struct subject* subject, __u64 cell) {
    if (!subject->set) /* who is governed by no rule */
        return 0;
    return (__u32)enforced_cell(subject->bank, subject->set->rules + ENFORCED_CELL_LOW(cell));
}

#endif
