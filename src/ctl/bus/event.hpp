// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctl/bus/state.hpp"

namespace enforced::ctl {

/// A refusal or report, as QueryEvents has it. What is not known is empty or 0.
struct Event {
    std::string cursor, id;
    std::uint64_t time = 0; // µs, CLOCK_REALTIME
    std::string boot, message, unit, cgroup, policy, rule;
    std::uint32_t rule_id = 0;
    std::string text, file;
    std::uint32_t line = 0;
    std::string class_, verdict, operation, object, flags;
    std::uint64_t count = 0;
    std::optional<std::uint32_t> pid, uid, gid;
    std::string comm, exe;
    std::uint64_t inode = 0;
    std::string device;
};

/// A rule that has to do with it. The remark is its verdict, or why it is not enough that it permits.
struct Party {
    std::string policy, key, text, file;
    std::uint32_t line = 0;
    std::string remark;
};

/// One step of what would permit it, see Explain.
struct Remedy {
    std::string kind, policy, file, original;
    std::uint32_t line = 0;
    std::string text;
};

/// As Explain has it.
struct Explanation {
    Event event;
    std::string policy, rule, text, file;
    std::uint32_t line = 0;
    std::optional<bool> still;
    std::vector<std::string> governed_by;
    std::vector<Party> refused_by, allowed_by;
    std::vector<Remedy> changes;
    std::string beyond, obstacle;
};

// They throw sdbus::Error at what is of another type than it should be.
Event read_event(const Properties& members);
Explanation read_explanation(const Properties& members);

} // namespace enforced::ctl
