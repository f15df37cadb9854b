// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/attempt.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// A rule by its key that speaks of the object and permits things. `but` is why it does not permit this
/// operation: a clause, empty if it does.
struct Speaker {
    std::string key;
    std::string but;
};

/// The rules of a policy that permit the operation, or would if it were not for their exceptions, or permit
/// something else of the same object. At most `most`.
std::vector<Speaker> find_permits(const policy::Policy&, const Question&, std::size_t most = 16);

} // namespace enforced::plan
