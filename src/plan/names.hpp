// SPDX-License-Identifier: GPL-2.0-or-later
/// The automata that read where in the cgroup hierarchy a unit is.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "plan/table.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// From a unit's path to the policies that govern it.
struct Names {
    Dfa dfa;                                            // a label is an index into `combinations`
    std::vector<std::vector<std::size_t>> combinations; // of indices into the policies; 0 is none of them
};

/// What can come together on some unit: by its own name, and by the slices that it is in. Units that nobody
/// may govern (our own, and the manager's) are in combination 0.
Result<Names> compile_names(std::span<const policy::Policy* const>);

/// Accepts (its accept cells are 1) the units into which all of the policies let a task go.
Result<Table> compile_release(std::span<const policy::Policy* const>);

} // namespace enforced::plan
