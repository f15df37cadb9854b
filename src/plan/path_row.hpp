// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <span>

#include "plan/path_groups.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {

/// A row of a path automaton, as abi/table.h has it.
using PathRow = std::array<std::uint64_t, ENFORCED_PATH_ROW_CELLS>;

/// What the policies together say of a name that matches these groups, which are sorted, and no others.
PathRow path_row(std::span<const Member>, const std::vector<PathGroup>&, std::span<const Nfa::Group> matched,
                 Verdicts&);

} // namespace enforced::plan
