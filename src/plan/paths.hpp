// SPDX-License-Identifier: GPL-2.0-or-later
/// The path automaton of a set: all file and exec globs of its policies, all conflicts settled.
#pragma once

#include <span>

#include "base/result.hpp"
#include "plan/member.hpp"
#include "plan/rules.hpp"
#include "plan/table.hpp"

namespace enforced::plan {

/// An error names the policies and the globs that are too much.
Result<Table> compile_paths(std::span<const Member>, Verdicts&);

} // namespace enforced::plan
