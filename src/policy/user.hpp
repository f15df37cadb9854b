// SPDX-License-Identifier: GPL-2.0-or-later
/// Users, as `users` names them: by number, by a range of numbers, or by name.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/diagnostic.hpp"
#include "policy/fault.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// The numbers that `text` says; none of a name, which has to be looked up. The last user number,
/// 4294967295, is nobody's.
std::expected<std::optional<UserRange>, Fault> parse_user(std::string_view text);

/// The number of a user who exists.
using FindUser = std::function<std::optional<std::uint32_t>(const std::string& name)>;

/// Looks up the names that policies have for users. An error for each that nobody has.
Diagnostics resolve_users(std::vector<Policy>& policies, const FindUser& find);

} // namespace enforced::policy
