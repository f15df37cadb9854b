// SPDX-License-Identifier: GPL-2.0-or-later
/// What the policies of a set say of the kernel's services, the section [kernel].
#pragma once

#include <array>
#include <span>
#include <string>

#include "abi/policy.h"
#include "plan/member.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {

/// "kernel.io-uring"
std::string kernel_rule(unsigned key);

/// Verdict cells by enum enforced_kernel_key.
using KernelCells = std::array<std::uint64_t, ENFORCED_KERNEL_KEYS>;

KernelCells kernel_cells(std::span<const Member>, Verdicts&);

} // namespace enforced::plan
