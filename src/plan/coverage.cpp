// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/coverage.hpp"

#include "plan/kernel.hpp"
#include "plan/needs.hpp"

namespace enforced::plan {
namespace {

constexpr policy::Switch denied{.value = policy::Permission::deny, .at = {}};

/// A policy for each key, which says nothing else.
class Asking {
  public:
    explicit Asking(const Facts& facts) : facts_(facts) {}

    void ask(std::string key, const policy::Policy& policy) {
        const auto found = support(policy, facts_);
        Coverage coverage{.key = std::move(key), .needs = {}, .gap = {}};
        if (!found.shortfalls.empty())
            coverage.needs = found.shortfalls.front().needs;
        else if (!found.gaps.empty())
            coverage.gap = found.gaps.front().what;
        all_.push_back(std::move(coverage));
    }

    [[nodiscard]] std::vector<Coverage> all() && { return std::move(all_); }

  private:
    const Facts& facts_;
    std::vector<Coverage> all_;
};

policy::Policy with_access(policy::Access access) {
    policy::Policy policy;
    policy.file.emplace().rules.push_back({.path = {},
                                           .except = {},
                                           .access = access,
                                           .action = policy::Action::deny,
                                           .at = {},
                                           .in_braces = false});
    return policy;
}

template<class Element>
policy::Policy with_rules(policy::Rules<Element> policy::Network::*rules) {
    policy::Policy policy;
    (policy.network.emplace().*rules).deny.emplace_back();
    return policy;
}

} // namespace

std::vector<Coverage> coverage(const Facts& facts) {
    static constexpr std::pair<const char*, policy::Access> accesses[] = {
        {"file.read", policy::access_read},     {"file.write", policy::access_write},
        {"file.create", policy::access_create}, {"file.delete", policy::access_delete},
        {"file.rename", policy::access_rename}, {"file.link", policy::access_link},
        {"file.attr", policy::access_attr},
    };
    Asking asking(facts);

    for (const auto& [key, access] : accesses)
        asking.ask(key, with_access(access));

    policy::Policy exec;
    exec.exec.emplace().default_ = denied;
    asking.ask("exec", exec);
    policy::Policy anonymous;
    anonymous.exec.emplace().anonymous = denied;
    asking.ask("exec.anonymous", anonymous);
    policy::Policy writable_memory;
    writable_memory.exec.emplace().writable_memory = denied;
    asking.ask("exec.writable-memory", writable_memory);

    policy::Policy families;
    families.network.emplace().families.emplace();
    asking.ask("network.families", families);
    asking.ask("network.connect", with_rules(&policy::Network::connect));
    asking.ask("network.bind", with_rules(&policy::Network::bind));
    asking.ask("network.accept", with_rules(&policy::Network::accept));
    asking.ask("network.unix", with_rules(&policy::Network::unix_));

    policy::Policy capability;
    capability.capability.emplace().default_ = denied;
    asking.ask("capability", capability);
    for (unsigned key = 0; key < ENFORCED_KERNEL_KEYS; key++) {
        policy::Policy kernel;
        kernel.kernel.emplace().keys[key] = denied;
        asking.ask(kernel_rule(key), kernel);
    }
    return std::move(asking).all();
}

} // namespace enforced::plan
