// SPDX-License-Identifier: GPL-2.0-or-later
/// Which files make up a policy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/merge.hpp"

namespace enforced::ctl {

struct Composition {
    std::string name;                   // of the policy
    std::optional<policy::Source> file; // that counts; none if there is nothing but amendments
    std::vector<policy::Source>
        amendments; // that count, in the order in which they are read; masks among them
    std::vector<policy::Source> overruled; // by one of their name in a directory of higher rank
};

/// Of files of the same name the one of the highest rank counts. In the order of their names.
std::vector<Composition> compose(std::vector<policy::Source> sources);

} // namespace enforced::ctl
