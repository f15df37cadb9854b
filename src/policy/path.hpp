// SPDX-License-Identifier: GPL-2.0-or-later
/// Globs of paths, as [file] and [exec] have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/fault.hpp"

namespace enforced::policy {

/// What keeps `text` from being a glob of paths as the kernel sees them: absolute, without empty, "." or ".."
/// components and without a trailing '/'.
std::optional<Fault> check_path(std::string_view text);

/// What keeps `text` from being a glob of names that sockets are bound to: paths, as above, or abstract
/// names, which are written with an '@' before them.
std::optional<Fault> check_socket(std::string_view text);

/// The glob to write instead, if this one leads through what is a symbolic link on every usual system: it
/// would match nothing, since the kernel sees the name that the link leads to.
std::optional<std::string> behind_link(std::string_view text);

} // namespace enforced::policy
