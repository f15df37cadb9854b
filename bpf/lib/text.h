/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing texts that were read from the kernel with those that are looked for. */
#ifndef ENFORCED_LIB_TEXT_H
#define ENFORCED_LIB_TEXT_H

#include "kernel.h"

static __always_inline bool is_text(const char* text, const char* wanted, __u32 size) {
    for (__u32 i = 0; i < size; i++)
        if (text[i] != wanted[i])
            return false;
    return true;
}

/* Whether a text is this literal, its end included. The text has at least as many bytes. */
#define IS_TEXT(text, literal) is_text(text, literal, sizeof(literal))

#endif
