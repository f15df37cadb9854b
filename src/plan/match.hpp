// SPDX-License-Identifier: GPL-2.0-or-later
/// Whether one pattern of a rule matches, by the same automaton of which the tables are made.
#pragma once

#include <string_view>

#include "plan/evaluate.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// The whole name has to match. The glob is well-formed.
bool matches(const policy::Glob&, std::string_view name);

/// `to.operation` does not matter: it is the list's that the endpoint stands in.
bool matches(const policy::Endpoint&, const Destination& to);

} // namespace enforced::plan
