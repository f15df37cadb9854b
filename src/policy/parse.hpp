// SPDX-License-Identifier: GPL-2.0-or-later
/// From TOML to a policy.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "policy/diagnostic.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

constexpr std::size_t max_policy_text = 1 << 20; // bytes

/// The policy's name that the file's basename gives: "nginx" for "nginx.toml".
Result<std::string> policy_name(std::string_view basename);

/// Reads `text` on top of `policy`: a key with one value replaces, a list appends. So a policy is its text
/// read on top of an empty one, and an amendment is just read after it. `file` is the name that locations
/// bear. Faults are added to `diagnostics`; the policy is then of no use. What only a whole policy can be
/// asked, such as whether it names a unit, is left to `check`.
void parse(std::string_view text, const std::string& file, Policy& policy, Diagnostics& diagnostics);

} // namespace enforced::policy
