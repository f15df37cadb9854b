// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/features.hpp"

#include <fmt/format.h>

#include "host/cgroup.hpp"
#include "host/mounts.hpp"
#include "kernel/enforcement.hpp"
#include "plan/coverage.hpp"

namespace enforced::daemon {

Result<std::string> feature_table() {
    const auto mounts = host::read_mounts();
    if (!mounts)
        return std::unexpected(mounts.error());
    const auto tree = host::CgroupTree::open(host::find_cgroup_root(*mounts).value_or("/sys/fs/cgroup"));
    if (!tree)
        return std::unexpected(tree.error());
    auto own = tree->own_directory();
    if (!own)
        return std::unexpected(own.error());
    auto enforcement = kernel::Enforcement::open({tree->root(), std::move(*own), {}});
    if (!enforcement)
        return std::unexpected(enforcement.error());
    if (auto tried = enforcement->try_hooks(kernel::HookSet().set()); !tried)
        return std::unexpected(tried.error());

    std::string table;
    for (const auto& key : plan::coverage(enforcement->facts())) {
        table +=
            fmt::format("{:<24} {}\n", key.key, key.needs.empty() ? "works" : "absent: needs " + key.needs);
        if (!key.gap.empty())
            table += fmt::format("{:<24} but for {}\n", "", key.gap);
    }
    table += "\n";
    for (const kernel::Hook& hook : kernel::hooks)
        table += fmt::format("{:<24} {}\n", hook.name,
                             enforcement->facts().hooks.test(hook.number)
                                 ? "works"
                                 : "absent: " + enforcement->reason(hook.number));
    return table;
}

} // namespace enforced::daemon
