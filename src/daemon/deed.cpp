// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/deed.hpp"

#include <linux/bpf.h>
#include <signal.h>
#include <string.h>

#include <array>

#include <fmt/format.h>

namespace enforced::daemon {
namespace {

/// As the constants of <linux/bpf.h> are called, from BPF_MAP_CREATE on.
constexpr auto bpf_commands = std::to_array<std::string_view>({
    "map-create",        "map-lookup-elem",
    "map-update-elem",   "map-delete-elem",
    "map-get-next-key",  "prog-load",
    "obj-pin",           "obj-get",
    "prog-attach",       "prog-detach",
    "prog-test-run",     "prog-get-next-id",
    "map-get-next-id",   "prog-get-fd-by-id",
    "map-get-fd-by-id",  "obj-get-info-by-fd",
    "prog-query",        "raw-tracepoint-open",
    "btf-load",          "btf-get-fd-by-id",
    "task-fd-query",     "map-lookup-and-delete-elem",
    "map-freeze",        "btf-get-next-id",
    "map-lookup-batch",  "map-lookup-and-delete-batch",
    "map-update-batch",  "map-delete-batch",
    "link-create",       "link-update",
    "link-get-fd-by-id", "link-get-next-id",
    "enable-stats",      "iter-create",
    "link-detach",       "prog-bind-map",
});
static_assert(bpf_commands[BPF_PROG_BIND_MAP] == "prog-bind-map");

std::string bpf_command(std::uint32_t number) {
    return number < bpf_commands.size() ? std::string(bpf_commands[number])
                                        : fmt::format("command-{}", number);
}

std::string loaded(std::uint32_t what, std::string name) {
    switch (what) {
    case ENFORCED_LOADS_MODULE:
        return "a module";
    case ENFORCED_LOADS_KERNEL:
        return "a kernel to boot";
    default:
        return name;
    }
}

} // namespace

std::string signal_name(std::uint32_t number) {
    if (number == SIGIO)
        return "SIGIO"; // and not by its other name, SIGPOLL
    const char* name = sigabbrev_np(static_cast<int>(number));
    return name != nullptr ? "SIG" + std::string(name) : fmt::format("signal {}", number);
}

std::string_view deed_verb(unsigned key) {
    switch (key) {
    case ENFORCED_KERNEL_PTRACE:
        return "look into or take over the process";
    case ENFORCED_KERNEL_SIGNAL:
        return "send another unit's processes";
    case ENFORCED_KERNEL_MODULES:
        return "load or unload";
    case ENFORCED_KERNEL_BPF:
        return "call bpf:";
    case ENFORCED_KERNEL_USER_NAMESPACE:
    case ENFORCED_KERNEL_IO_URING:
        return "make";
    case ENFORCED_KERNEL_PERF:
        return "open";
    case ENFORCED_KERNEL_KEYRING:
        return "use the key";
    case ENFORCED_KERNEL_TUNABLES:
        return "set";
    case ENFORCED_KERNEL_SYSTEMD:
        return "ask the service manager by";
    default:
        return "do something to";
    }
}

std::string deed_object(const enforced_event& event, std::string text) {
    switch (event.operation) {
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_SIGNAL):
        return event.number ? signal_name(event.number) + (text.empty() ? "" : " to " + text) : text;
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_MODULES):
        return loaded(event.number, std::move(text));
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_BPF):
        return bpf_command(event.number);
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_USER_NAMESPACE):
        return "a user namespace";
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_IO_URING):
        return "an io_uring";
    case ENFORCED_OP_KERNEL(ENFORCED_KERNEL_PERF):
        return "a perf event";
    default:
        return text;
    }
}

} // namespace enforced::daemon
