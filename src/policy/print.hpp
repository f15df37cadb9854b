// SPDX-License-Identifier: GPL-2.0-or-later
/// From a policy to TOML: every key in one order and one spelling, so that equal policies print alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/types.hpp"

namespace enforced::policy {

/// A TOML string that stands for `text`, quotes included.
std::string print_string(std::string_view text);

/// `["/etc/shadow*", "/root/**"]`
std::string print_list(const std::vector<Glob>& globs);

/// `["read", "write"]`, or `"all"`. `access` are bits of enum Access.
std::string print_access(std::uint32_t access);

std::string_view print(Mode);
std::string_view print(OnUnsupported);
std::string_view print(Permission);
std::string_view print(Action);

/// A `[[file.rule]]` table.
std::string print(const FileRule&);

/// The same on one line, in braces.
std::string print_in_braces(const FileRule&);

/// Reading it again gives an equal policy (but for the name, which is the file's).
std::string print(const Policy&);

} // namespace enforced::policy
