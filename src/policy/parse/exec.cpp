// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {

void read_exec(const toml::node& node, Report& report, Exec& exec) {
    const auto* table = read_table(node, exec_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, exec_keys, report);
    read_default(*table, report, exec.default_);
    read_lists(*table, "", report, exec, read_paths);
    if (const auto* value = table->get("libraries"))
        read_paths(*value, "libraries", report, exec.libraries);
    if (const auto* value = table->get("anonymous"))
        exec.anonymous = read_switch(*value, "anonymous", report);
    if (const auto* value = table->get("writable-memory"))
        exec.writable_memory = read_switch(*value, "writable-memory", report);
}

} // namespace enforced::policy
