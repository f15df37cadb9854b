// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/rules.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

template<std::size_t size>
void copy(char (&to)[size], const std::string& from) {
    std::memcpy(to, from.data(), std::min(size - 1, from.size()));
}

} // namespace

enforced_rule keep(const plan::Rule& rule) {
    enforced_rule kept = {};

    kept.line = rule.at.line;
    kept.column = rule.at.column;
    copy(kept.policy, rule.policy);
    copy(kept.key, rule.key);
    copy(kept.class_, rule.class_);
    copy(kept.action, rule.action);
    copy(kept.file, rule.at.file);
    copy(kept.text, rule.text);
    return kept;
}

plan::Rule recall(std::uint32_t id, const enforced_rule& kept) {
    plan::Rule rule;

    rule.id = id;
    rule.policy = kept.policy;
    rule.key = kept.key;
    rule.class_ = kept.class_;
    rule.action = kept.action;
    rule.text = kept.text;
    rule.at.file = kept.file;
    rule.at.line = kept.line;
    rule.at.column = kept.column;
    return rule;
}

Status keep_rules(std::span<const plan::Rule> rules, const Maps& maps) {
    auto table = maps.rules();

    if (rules.size() > ENFORCED_RULES)
        return failure(
            fmt::format("there are {} rules, and room for {}; merge rules that have the same action into "
                        "one with several paths",
                        rules.size(), ENFORCED_RULES),
            E2BIG);
    const auto known = table.entries();
    if (known.size() + rules.size() > ENFORCED_RULES) {
        std::set<std::uint32_t> wanted;
        for (const plan::Rule& rule : rules)
            wanted.insert(rule.id);
        for (const auto& [id, ignored] : known) {
            if (!wanted.contains(id))
                table.remove(id);
        }
    }
    for (const plan::Rule& rule : rules) {
        if (auto done = table.put(rule.id, keep(rule)); !done)
            return done;
    }
    return {};
}

} // namespace enforced::kernel
