// SPDX-License-Identifier: GPL-2.0-or-later
/// Tables and lines that more than one verb shows.
#pragma once

#include "ctl/bus/event.hpp"
#include "ctl/bus/state.hpp"
#include "ctl/output/table.hpp"

namespace enforced::ctl {

Table table_of(const std::vector<PolicyState>& policies);
Table table_of(const std::vector<UnitState>& units);

/// A line as the journal has it, with the id in a line of its own if it is wanted.
std::string line_of(const Event& event, const Terminal& terminal, bool id = false);

/// How a mode, a state of a policy or a verdict is coloured.
Tint tint_of(const std::string& word);

/// How many operations were refused, those with a kill among them.
std::uint64_t refusals_of(const UnitState& unit);

} // namespace enforced::ctl
