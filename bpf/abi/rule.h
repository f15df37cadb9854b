/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pinned maps that no program reads: what a daemon has to know of the one before it. */
#ifndef ENFORCED_ABI_RULE_H
#define ENFORCED_ABI_RULE_H

#include "policy.h"

#define ENFORCED_RULES 16384U

/* map `rules`, by rule id: explains a rule that is in force although the files have changed since. Strings
 * end with a zero byte, and are cut where they are longer. */
struct enforced_rule {
    __u32 line;
    __u32 column;
    char policy[256];
    char key[64];
    char class_[16];
    char action[16];
    char file[568];
    char text[608];
};

/* map `logged`, by the keys of `repeats`: how many of them stand in the journal. Map `accounted`, by the keys
 * of `counters`: likewise. Both of type __u64. */

/* map `state`, one element. */
struct enforced_state {
    __u64 build;      /* fingerprint of the object that the links' programs were loaded from */
    __u32 policies;   /* in force, for those who ask before the files are read */
    __u32 shortfalls; /* rules not in force */
    __u64 reported[ENFORCED_STAT_COUNT]; /* of `statistics`: what the journal has been told */
};

#endif
