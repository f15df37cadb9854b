// SPDX-License-Identifier: GPL-2.0-or-later
/// What a text has to be before a TOML parser may look at it.
#pragma once

#include <optional>
#include <string_view>

#include "policy/fault.hpp"

namespace enforced::policy {

constexpr unsigned max_nesting = 16; // of brackets, and of the parts of one dotted key

/// What keeps `text` from being read: that it is too long, no UTF-8, holds control or private characters,
/// others than ASCII where TOML has none, or is nested so deep that a parser which descends by recursion, or
/// a tree that is freed by it, could exhaust the stack.
std::optional<Fault> check_text(std::string_view text);

} // namespace enforced::policy
