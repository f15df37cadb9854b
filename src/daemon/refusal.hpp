// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/journal.hpp"
#include "daemon/occurrence.hpp"
#include "plan/plan.hpp"

namespace enforced::daemon {

/// The journal's entry for `count` equal occurrences. `rule` is missing if it was forgotten; `unit` is the
/// unit's name, empty if that was.
Entry refusal_entry(const Occurrence& occurrence, std::uint64_t count, const std::optional<plan::Rule>& rule,
                    const std::string& unit);

} // namespace enforced::daemon
