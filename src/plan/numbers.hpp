// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "plan/nfa.hpp"

namespace enforced::plan {

/// After a decimal number between these two, both included, without leading zeros. A pattern for each length
/// and for each digit at which the two part: a few dozen at most.
Nfa::Node append_number(Nfa& nfa, Nfa::Node from, std::uint32_t first, std::uint32_t last);

} // namespace enforced::plan
