// SPDX-License-Identifier: GPL-2.0-or-later
/// The network automaton of a set: whom its policies let it connect to, what they let it bind, and from whom
/// they let it accept connections.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "abi/policy.h"
#include "base/result.hpp"
#include "plan/member.hpp"
#include "plan/rules.hpp"
#include "plan/table.hpp"

namespace enforced::plan {

/// What a policy says of an operation, and the key under which it stands: "network.connect".
const policy::EndpointRules& rules_of(const policy::Network&, enforced_network_op);
std::string_view key_of(enforced_network_op);

Result<Table> compile_network(std::span<const Member>, Verdicts&);

/// Verdict cells by address family, first those for ordinary types of sockets, then those for raw and packet
/// types.
using FamilyCells = std::array<std::uint64_t, std::size_t{2} * ENFORCED_FAMILIES>;

FamilyCells family_cells(std::span<const Member>, Verdicts&);

} // namespace enforced::plan
