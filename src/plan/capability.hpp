// SPDX-License-Identifier: GPL-2.0-or-later
/// What the policies of a set say of capabilities.
#pragma once

#include <array>
#include <span>

#include "abi/policy.h"
#include "plan/member.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {

/// Verdict cells by CAP_* number; those of capabilities that nobody knows yet are there, too.
using CapabilityCells = std::array<std::uint64_t, ENFORCED_CAPABILITIES>;

CapabilityCells capability_cells(std::span<const Member>, Verdicts&);

} // namespace enforced::plan
