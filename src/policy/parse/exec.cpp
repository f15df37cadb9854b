// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/sections.hpp"
#include "policy/parse/values.hpp"

namespace enforced::policy {

void read_exec(const toml::node& node, Report& report, Exec& exec) {
    const auto* table = read_table(node, exec_keys.name, report);
    if (table == nullptr)
        return;
    check_keys(*table, exec_keys, report);
    if (const auto* value = table->get("default"))
        exec.default_ = read_switch(*value, "default", report).value_or(exec.default_);
    if (const auto* value = table->get("allow"))
        read_paths(*value, "allow", report, exec.allow);
    if (const auto* value = table->get("deny"))
        read_paths(*value, "deny", report, exec.deny);
    if (const auto* value = table->get("except"))
        read_paths(*value, "except", report, exec.except);
    if (const auto* value = table->get("libraries"))
        read_paths(*value, "libraries", report, exec.libraries);
    if (const auto* value = table->get("anonymous"))
        exec.anonymous = read_switch(*value, "anonymous", report);
    if (const auto* value = table->get("writable-memory"))
        exec.writable_memory = read_switch(*value, "writable-memory", report);
}

} // namespace enforced::policy
