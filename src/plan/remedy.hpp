// SPDX-License-Identifier: GPL-2.0-or-later
/// The smallest change of a policy that permits one operation.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/attempt.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

struct Change {
    enum class Kind {
        amend,   // a new file with `text`
        replace, // `text` takes the place of the rule at `at`; it goes if `text` is empty
    };
    Kind kind = Kind::amend;
    std::string policy;
    std::string file;    // within a policy directory: "nginx.toml.d/50-allow-1f2e3d4c.toml"
    policy::Location at; // of a rule to be replaced
    std::string text;    // TOML

    friend bool operator==(const Change&, const Change&) = default;
};

struct Remedy {
    std::vector<Change> changes; // in the order in which they are to be made
    std::string beyond;          // what it permits besides the operation, a clause; empty if nothing
    policy::Policy amended;      // the policy with the changes
};

/// What has to change in a policy by which the attempt was refused, or would have been. An error says why the
/// language cannot tell this operation from others.
Result<Remedy> find_remedy(const policy::Policy&, const Attempt&);

} // namespace enforced::plan
