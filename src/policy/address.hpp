// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "policy/fault.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// Reads `10.0.0.0/8` or `192.0.2.7`.
std::expected<Cidr, Fault> parse_ipv4(std::string_view text);

/// Reads `2001:db8::/32` or `2001:db8::53`, without brackets.
std::expected<Cidr, Fault> parse_ipv6(std::string_view text);

/// As an endpoint has it: `10.0.0.0/8`, `192.0.2.7`, `[2001:db8::/32]`.
std::string print(const Cidr&);

} // namespace enforced::policy
