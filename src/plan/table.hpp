// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/dfa.hpp"

namespace enforced::plan {

/// An automaton and what its states decide, as an image takes them.
struct Table {
    Dfa dfa;
    std::vector<std::uint64_t> accepts; // by state: its accept cell
    std::vector<std::uint64_t> rows;    // what the low halves of those index
};

} // namespace enforced::plan
