// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string>

#include "abi/policy.h"
#include "base/result.hpp"
#include "kernel/hook.hpp"

namespace enforced::kernel {

/// What the canary came back with.
struct Sighting {
    HookSet works;
    std::array<std::string, ENFORCED_HOOK_COUNT> reasons; // why one does not
};

/// Whether the canary was seen at a hook.
bool fired(const enforced_control& control, enforced_hook hook);

/// Finds out which of these hooks are really asked, and obeyed: a child does, for each, something that the
/// hook is about, and it must be refused with an errno that nobody else returns. Only this tells: programs
/// load and attach as well where the kernel never calls them. Their programs must be attached. The child
/// works in a mount namespace and a file system of its own; `cgroup` is a directory of the hierarchy in which
/// it may make a cgroup for a moment.
Result<Sighting> send_canary(const HookSet& hooks, enforced_control& control, const std::string& cgroup);

} // namespace enforced::kernel
