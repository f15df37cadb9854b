// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/capability.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/nearest.hpp"

namespace enforced::policy {
namespace {

/// By number. Later kernels may know more; those no policy can name, and `default` decides.
constexpr auto names = std::to_array<std::string_view>({
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
});
static_assert(names[CAP_SYS_ADMIN] == "sys_admin" && names.size() == CAP_CHECKPOINT_RESTORE + 1);

std::string plain(std::string_view name) {
    std::string text(name);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text.starts_with("cap_") ? text.substr(4) : text;
}

} // namespace

std::optional<unsigned> capability_number(std::string_view name) {
    const auto* found = std::ranges::find(names, plain(name));
    return found == names.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - names.begin()));
}

std::optional<std::string_view> capability_name(unsigned number) {
    return number < names.size() ? std::optional(names[number]) : std::nullopt;
}

std::optional<std::string_view> capability_like(std::string_view name) {
    return nearest(plain(name), names);
}

} // namespace enforced::policy
