// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// From policies, in their order, to tables. Policies whose mode is off are left out. Those that this kernel
/// cannot hold and that are not content with a warning are left out as well, and stand in `refused`: whether
/// the rest is worth having is the caller's to say. An error means that the policies are too much for the
/// tables, names them and gives the figures.
Result<Plan> compile(std::span<const policy::Policy>, const Facts&);

} // namespace enforced::plan
