// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/rules.hpp"

#include <set>

#include "base/digest.hpp"
#include "plan/kernel.hpp"
#include "policy/print.hpp"

namespace enforced::plan {
namespace {

using policy::Glob;
using policy::Location;
using policy::Switch;

class List {
  public:
    explicit List(const policy::Policy& policy) : policy_(policy) {
        if (policy.file)
            add(*policy.file);
        if (policy.exec)
            add(*policy.exec);
        if (policy.network)
            add(*policy.network);
        if (policy.capability)
            add(*policy.capability);
        if (policy.kernel)
            add(*policy.kernel);
    }

    [[nodiscard]] std::vector<Rule> rules() && { return std::move(rules_); }

  private:
    void add(std::string key, std::string action, std::string text, const Location& at) {
        rules_.push_back({.policy = policy_.name,
                          .key = key,
                          .class_ = key.substr(0, key.find('.')),
                          .action = std::move(action),
                          .text = std::move(text),
                          .at = at});
    }

    void add_switch(const std::string& key, const Switch& value, std::string action) {
        const std::string permission(policy::print(value.value));
        add(key, std::move(action), key + " = \"" + permission + "\"", value.at);
    }

    /// A default that nobody wrote stands where its section does.
    void add_default(const std::string& key, Switch value, const Location& section) {
        if (value.at.line == 0)
            value.at = section;
        add_switch(key, value, "default");
    }

    void add_text(const std::string& list, std::size_t index, const std::string& action,
                  const std::string& text, const Location& at) {
        add(element(list, index), action, list + " = " + policy::print_string(text), at);
    }

    void add(const std::string& list, const std::string& action, const std::vector<Glob>& globs) {
        for (std::size_t i = 0; i < globs.size(); i++)
            add_text(list, i, action, globs[i].text, globs[i].at);
    }

    void add(const std::string& list, const std::string& action,
             const std::vector<policy::Endpoint>& endpoints) {
        for (std::size_t i = 0; i < endpoints.size(); i++)
            add_text(list, i, action, endpoints[i].text, endpoints[i].at);
    }

    void add(const policy::File& file) {
        add_default("file.default", file.default_, file.at);
        for (std::size_t i = 0; i < file.rules.size(); i++) {
            const auto& rule = file.rules[i];
            add(element("file.rule", i), std::string(policy::print(rule.action)),
                policy::print_in_braces(rule), rule.at);
        }
    }

    void add(const policy::Exec& exec) {
        add_default("exec.default", exec.default_, exec.at);
        add("exec.allow", "allow", exec.allow);
        add("exec.deny", "deny", exec.deny);
        add("exec.libraries", "allow", exec.libraries);
        if (exec.anonymous)
            add_switch("exec.anonymous", *exec.anonymous, std::string(policy::print(exec.anonymous->value)));
        if (exec.writable_memory)
            add_switch("exec.writable-memory", *exec.writable_memory,
                       std::string(policy::print(exec.writable_memory->value)));
    }

    void add(const policy::Network& network) {
        add_default("network.default", network.default_, network.at);
        if (network.families) {
            std::string names;
            for (const auto& family : *network.families)
                names += (names.empty() ? "" : ", ") + policy::print_string(family.name);
            add("network.families", "deny", "network.families = [" + names + "]", network.families_at);
        }
        add("network.connect.allow", "allow", network.connect.allow);
        add("network.connect.deny", "deny", network.connect.deny);
        add("network.bind.allow", "allow", network.bind.allow);
        add("network.bind.deny", "deny", network.bind.deny);
        add("network.accept.allow", "allow", network.accept.allow);
        add("network.accept.deny", "deny", network.accept.deny);
        add("network.unix.allow", "allow", network.unix_.allow);
        add("network.unix.deny", "deny", network.unix_.deny);
    }

    void add(const std::string& list, const std::string& action,
             const std::vector<policy::NamedCapability>& capabilities) {
        for (std::size_t i = 0; i < capabilities.size(); i++)
            add_text(list, i, action, capabilities[i].name, capabilities[i].at);
    }

    void add(const policy::Capability& capability) {
        add_default("capability.default", capability.default_, capability.at);
        add("capability.allow", "allow", capability.allow);
        add("capability.deny", "deny", capability.deny);
    }

    void add(const policy::Kernel& kernel) {
        for (unsigned i = 0; i < kernel.keys.size(); i++)
            if (kernel.keys[i])
                add_switch(kernel_rule(i), *kernel.keys[i],
                           std::string(policy::print(kernel.keys[i]->value)));
    }

    const policy::Policy& policy_;
    std::vector<Rule> rules_;
};

/// Gives each rule an id from its policy, the list that it stands in, its text, and which of equal ones it
/// is.
void identify(std::vector<Rule>& rules) {
    std::map<std::tuple<std::string, std::string, std::string>, unsigned> equals;
    std::set<std::uint32_t> used{0};
    for (auto& rule : rules) {
        const std::string list = rule.key.substr(0, rule.key.find('['));
        const unsigned ordinal = equals[{rule.policy, list, rule.text}]++;
        std::uint32_t id = digest(digest_start, rule.policy);
        id = digest(digest(digest(id, list), rule.text), std::to_string(ordinal));
        while (!used.insert(id).second)
            id = digest(id, rule.text);
        rule.id = id;
    }
}

} // namespace

std::string element(std::string_view list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

std::vector<Rule> list_rules(std::span<const policy::Policy* const> policies) {
    std::vector<Rule> rules;
    for (const auto* policy : policies) {
        auto more = List(*policy).rules();
        std::move(more.begin(), more.end(), std::back_inserter(rules));
    }
    identify(rules);
    return rules;
}

RuleIds index_rules(const std::vector<Rule>& rules) {
    RuleIds ids;
    for (const auto& rule : rules)
        ids.emplace(std::pair<std::string_view, std::string_view>(rule.policy, rule.key), rule.id);
    return ids;
}

std::uint64_t Verdicts::cell(enforced_verdict verdict, std::string_view policy, std::string_view key) {
    if (verdict == ENFORCED_ALLOW)
        return 0;
    const std::uint32_t id = known_.at({policy, key});
    const auto [found, fresh] = indices_.try_emplace(id, static_cast<std::uint32_t>(ids_.size()));
    if (fresh)
        ids_.push_back(id);
    return ENFORCED_CELL(found->second, verdict);
}

std::uint64_t severer(std::uint64_t first, std::uint64_t second) {
    return ENFORCED_CELL_HIGH(second) > ENFORCED_CELL_HIGH(first) ? second : first;
}

} // namespace enforced::plan
