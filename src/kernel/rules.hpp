// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "abi/rule.h"
#include "base/result.hpp"
#include "kernel/maps.hpp"
#include "plan/plan.hpp"

namespace enforced::kernel {

/// A rule as it is kept in the kernel: strings that are too long lose their end.
enforced_rule keep(const plan::Rule& rule);
plan::Rule recall(std::uint32_t id, const enforced_rule& kept);

/// Writes down the rules of a plan. Those of plans before stay, since events may still name them, until there
/// is no room: then all that the plan has not are forgotten.
Status keep_rules(std::span<const plan::Rule> rules, const Maps& maps);

} // namespace enforced::kernel
