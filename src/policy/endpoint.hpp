// SPDX-License-Identifier: GPL-2.0-or-later
/// The notation of endpoints:
///
///     PROTOCOL:PORTS                 tcp:80  udp:8000-8099  any:*
///     PROTOCOL:ADDRESS[/BITS]        tcp:10.0.0.0/8  any:[2001:db8::/32]
///     PROTOCOL:ADDRESS[/BITS]:PORTS  tcp:10.0.0.0/8:5432  udp:[2001:db8::53]:53
///
/// PROTOCOL is tcp, udp or any; PORTS a number, a range or `*`; an IPv6 address stands in brackets, its
/// number of bits within them.
#pragma once

#include <expected>
#include <string_view>

#include "policy/fault.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// Reads an endpoint, but for its location.
std::expected<Endpoint, Fault> parse_endpoint(std::string_view text);

} // namespace enforced::policy
