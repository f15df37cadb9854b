// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace enforced::policy {

/// A decimal number up to `max`, of digits alone. Leading zeros are refused: elsewhere they mean octal.
inline std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
    unsigned value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (error != std::errc{} || stop != end || leading_zero || value > max)
        return std::nullopt;
    return value;
}

} // namespace enforced::policy
