// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace enforced::policy {

/// What is wrong with one string of a policy, and where in it.
struct Fault {
    std::string message;
    std::size_t offset = 0; // in bytes, from 0
};

} // namespace enforced::policy
