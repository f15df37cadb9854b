// SPDX-License-Identifier: GPL-2.0-or-later
/// Globs and endpoints as patterns over bytes.
#pragma once

#include "plan/nfa.hpp"
#include "policy/glob.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// The node at which `glob` has matched, begun at `from`.
Nfa::Node append(Nfa&, Nfa::Node from, const policy::GlobSequence& glob);

/// The nodes at which what the endpoint speaks of has been read to its end: protocol, family, address and
/// port as abi/table.h has them.
std::vector<Nfa::Node> append(Nfa&, Nfa::Node from, const policy::Endpoint&);

} // namespace enforced::plan
