// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string_view>

#include "abi/hook.h"

namespace enforced::kernel {

enum class HookKind { lsm, cgroup, trace, watch, iter };

struct Hook {
    enforced_hook number;
    const char* name; // of the program as well
    HookKind kind;
};

inline constexpr std::array<Hook, ENFORCED_HOOK_COUNT> hooks = {{
#define ENFORCED_HOOK_ENTRY(name, kind) {ENFORCED_HOOK_##name, #name, HookKind::kind},
    ENFORCED_HOOKS(ENFORCED_HOOK_ENTRY)
#undef ENFORCED_HOOK_ENTRY
}};

using HookSet = std::bitset<ENFORCED_HOOK_COUNT>;

inline std::optional<Hook> find_hook(std::string_view name) {
    for (const Hook& hook : hooks) {
        if (hook.name == name)
            return hook;
    }
    return {};
}

} // namespace enforced::kernel
