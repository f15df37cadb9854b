// SPDX-License-Identifier: GPL-2.0-or-later
/// What the daemon is told about itself, by enforced.toml.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/diagnostic.hpp"

namespace enforced::policy {

/// In the order of LOG_EMERG to LOG_DEBUG.
inline constexpr std::array<std::string_view, 8> log_levels = {"emerg",   "alert",  "crit", "err",
                                                               "warning", "notice", "info", "debug"};
inline constexpr std::uint32_t max_runtime_policies = 1024;

struct Settings {
    std::string log_level = "info";
    std::uint32_t runtime_policies = 16; // that one user but root may have loaded

    friend bool operator==(const Settings&, const Settings&) = default;
};

/// Reads `text` on top of `settings`: what it says replaces. `file` is the name that locations bear. Faults
/// are added to `diagnostics`.
void parse_settings(std::string_view text, const std::string& file, Settings& settings,
                    Diagnostics& diagnostics);

} // namespace enforced::policy
