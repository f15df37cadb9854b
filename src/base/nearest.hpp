// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace enforced {

/// The candidate that `word` is most likely a slip of, or none if it is like none of them. Case does not
/// count, and a word beyond 64 bytes is nobody's slip.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace enforced
