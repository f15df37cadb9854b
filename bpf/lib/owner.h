/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Having a file send its signals to a process. */
#ifndef ENFORCED_LIB_OWNER_H
#define ENFORCED_LIB_OWNER_H

#include "deed.h"

#define ENFORCED_SIGIO 29

static __always_inline int ask_owner(const struct subject* subject) {
    return ask_kernel(subject, ENFORCED_KERNEL_SIGNAL, ENFORCED_SIGIO, 0);
}

#endif
