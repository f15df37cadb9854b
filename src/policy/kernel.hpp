// SPDX-License-Identifier: GPL-2.0-or-later
/// The keys of [kernel].
#pragma once

#include <array>
#include <string_view>

namespace enforced::policy {

/// By number of enum enforced_kernel_key.
inline constexpr auto kernel_names =
    std::to_array<std::string_view>({"mount", "ptrace", "signal", "modules", "bpf", "user-namespace",
                                     "io-uring", "perf", "keyring", "tunables", "systemd"});

} // namespace enforced::policy
