// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/journal.hpp"
#include "daemon/occurrence.hpp"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// The journal's entry for `count` equal occurrences. `rule` is missing if it was forgotten; `cgroup` is the
/// path of the unit's, empty if that was. Each entry has an id of its own.
Entry refusal_entry(const Occurrence& occurrence, std::uint64_t count, const std::optional<plan::Rule>& rule,
                    const std::string& cgroup);

} // namespace enforced::daemon
