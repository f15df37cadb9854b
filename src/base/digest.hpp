// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace enforced {

inline constexpr std::uint32_t digest_start = 2166136261U;

/// FNV-1a of one text after another. It stays what it is: what is made of it outlives the process. No text
/// holds a byte 0xff, which ends each one.
constexpr std::uint32_t digest(std::uint32_t before, std::string_view text) {
    for (const char c : text)
        before = (before ^ static_cast<unsigned char>(c)) * 16777619U;
    return (before ^ 0xffU) * 16777619U;
}

} // namespace enforced
