// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "kernel/grace.hpp"
#include "kernel/maps.hpp"
#include "plan/plan.hpp"

namespace enforced::kernel {

/// An anchor that was found in the file system.
struct Identity {
    std::uint32_t set = 0; // index into Plan::sets
    std::uint32_t device = 0;
    std::uint64_t inode = 0;
    std::uint32_t state = 0;

    friend bool operator==(const Identity&, const Identity&) = default;
};

/// Writes a plan beside the one in force, which it leaves alone. Fails if it does not fit.
Status write_plan(const plan::Plan& plan, std::span<const Identity> identities, Maps& maps);

/// Brings what was written into force, for every unit at once, and clears away what was in force before. From
/// then on a failure is only one of clearing away.
Status switch_over(Maps& maps, Grace& grace);

/// Puts other anchors in the place of those in force: the new ones are there before the old ones go.
Status replace_anchors(std::span<const Identity> identities, Maps& maps, Grace& grace);

} // namespace enforced::kernel
