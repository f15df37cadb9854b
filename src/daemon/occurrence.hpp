// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "abi/event.h"
#include "abi/policy.h"

namespace enforced::daemon {

/// Something that was refused or reported: what the programs said of it. Where their event was lost only the
/// rule, the unit and the operation are known.
struct Occurrence {
    std::uint64_t unit = 0; // cgroup id
    std::uint32_t rule = 0; // id
    std::uint32_t verdict = 0;
    std::uint32_t class_ = 0;
    std::uint32_t operation = 0; // 0: not known either
    bool detailed = false;       // the rest is known
    std::uint32_t flags = 0;     // ENFORCED_EVENT_*
    std::uint32_t pid = 0, uid = 0, gid = 0;
    std::string comm, exe;
    std::string object; // path or endpoint; any bytes
    std::uint64_t inode = 0;
    std::uint32_t device = 0;
};

Occurrence describe(const enforced_event& event);
Occurrence describe(const enforced_repeat& repeat);
Occurrence describe(const enforced_counter_key& counter);

} // namespace enforced::daemon
