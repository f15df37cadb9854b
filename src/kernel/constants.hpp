// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/result.hpp"

struct bpf_object;

namespace enforced::kernel {

/// Tells the programs what no relocation can, before they are loaded: where the kernel's rename_lock and
/// mount_lock lie (from /proc/kallsyms, which shows it to root), and which form of inode_setattr this kernel
/// has (from its BTF). A kernel that hides them keeps every name unresolved: the canary shows the file hooks
/// refused, not working.
Status set_constants(bpf_object*);

} // namespace enforced::kernel
