// SPDX-License-Identifier: GPL-2.0-or-later
/// The names of socket families: those of the AF_ constants in lower case, as in "inet6" and "netlink".
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace enforced::policy {

/// The family's AF_ number.
std::optional<int> family_number(std::string_view name);

/// Every name that family_number knows.
std::span<const std::string_view> family_names();

/// What is most likely meant by a name that is none: "inet" by "ipv4" or "AF_INET".
std::optional<std::string_view> family_like(std::string_view name);

} // namespace enforced::policy
