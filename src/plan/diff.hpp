// SPDX-License-Identifier: GPL-2.0-or-later
/// What a reload changes, in terms of what people wrote.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "policy/types.hpp"

namespace enforced::plan {

struct Difference {
    enum class Kind { added, removed, changed };
    std::string policy;
    Kind kind = Kind::changed;
    std::size_t rules_added = 0;
    std::size_t rules_removed = 0;
    bool units = false; // those that it governs
    bool mode = false;
    bool rest = false; // release-to, on-unsupported, the description

    friend bool operator==(const Difference&, const Difference&) = default;
};

/// One for each policy that is not the same in both, in the order of their names. A policy whose text moved
/// within its file is the same.
std::vector<Difference> diff(std::span<const policy::Policy> have, std::span<const policy::Policy> want);

/// "nginx: 2 rules added, 1 rule removed, other units"
std::string render(const Difference&);

} // namespace enforced::plan
