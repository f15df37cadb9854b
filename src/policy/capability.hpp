// SPDX-License-Identifier: GPL-2.0-or-later
/// The names of capabilities: those of the CAP_ constants in lower case without the prefix, as in
/// "net_admin".
#pragma once

#include <optional>
#include <string_view>

namespace enforced::policy {

/// The number of a capability. As systemd does, it takes the name in any case; the prefix CAP_ may be there
/// or not.
std::optional<unsigned> capability_number(std::string_view name);

/// The one way in which we write it; none for a number that this version does not know.
std::optional<std::string_view> capability_name(unsigned number);

/// What is most likely meant by a name that is none.
std::optional<std::string_view> capability_like(std::string_view name);

} // namespace enforced::policy
