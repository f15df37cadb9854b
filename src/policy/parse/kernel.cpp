// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {

void read_kernel(const toml::node& node, Report& report, Kernel& kernel) {
    const auto* table = read_table(node, kernel_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, kernel_keys, report);
    for (std::size_t i = 0; i < kernel_names.size(); ++i) {
        const auto* value = table->get(kernel_names[i]);
        if (value == nullptr)
            continue;
        if (const auto permission = read_switch(*value, kernel_names[i], report))
            kernel.keys[i] = *permission;
    }
}

} // namespace enforced::policy
