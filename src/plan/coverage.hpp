// SPDX-License-Identifier: GPL-2.0-or-later
/// What a kernel can hold of the policy language, key by key.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace enforced::plan {

struct Coverage {
    std::string key;   // "file.write", "exec.anonymous", "network.connect", "kernel.io-uring"
    std::string needs; // the hooks that are missing; empty if it can be in force
    std::string gap;   // what it would not hold all the same; empty if nothing
};

/// In the order of the language. A key that only says more about others, such as `except`, is not among them.
std::vector<Coverage> coverage(const Facts&);

} // namespace enforced::plan
