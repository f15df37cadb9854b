// SPDX-License-Identifier: GPL-2.0-or-later
/// Which parts of a policy wait on which hooks.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace enforced::plan {

/// The parts of a policy that can be in force: those that the policy has and the kernel can hold.
struct Parts {
    std::uint32_t accesses = 0; // of enum policy::Access: those that the file section rules
    bool file = false;          // any of them, and the guard
    bool exec = false;          // what is run and mapped by name
    bool anonymous = false;
    bool writable_memory = false;
    bool families = false;
    bool connect = false;
    bool bind = false;
    bool accept = false;
    bool unix_ = false;
    bool capability = false;
    std::bitset<ENFORCED_KERNEL_KEYS> kernel; // by enum enforced_kernel_key
};

struct Support {
    Parts parts;
    std::vector<Shortfall> shortfalls;
    std::vector<Gap> gaps;                  // in the parts
    std::bitset<ENFORCED_HOOK_COUNT> hooks; // that the parts use, and that are there
};

/// What of the policy these hooks can hold.
Support support(const policy::Policy&, const Facts&);

/// "file_open"
std::string_view name_of(enforced_hook);

} // namespace enforced::plan
