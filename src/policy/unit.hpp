// SPDX-License-Identifier: GPL-2.0-or-later
/// Globs of unit names, as `units` and `release-to` have them.
#pragma once

#include <optional>
#include <string_view>

#include "policy/fault.hpp"

namespace enforced::policy {

/// What keeps `text` from being a glob that can name a unit with processes of its own: service, scope, slice,
/// socket, mount or swap. A glob may also match init.scope and enforced.service, which no policy governs:
/// those who apply it leave them out.
std::optional<Fault> check_unit(std::string_view text);

/// The same of units of a user's manager, as `user-units` has them. A glob may match that manager's own
/// init.scope, which is left out likewise.
std::optional<Fault> check_user_unit(std::string_view text);

} // namespace enforced::policy
