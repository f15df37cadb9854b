// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plan/dfa.hpp"

namespace enforced::plan {

/// The automaton with the fewest states that labels every text as `dfa` does. Its states are numbered in the
/// order in which they are reached, so that equal rules give equal bytes.
Dfa minimise(const Dfa&);

} // namespace enforced::plan
