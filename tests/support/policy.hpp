// SPDX-License-Identifier: GPL-2.0-or-later
/// Policies and kernels for tests.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "policy/parse.hpp"
#include "policy/types.hpp"

namespace enforced::test {

/// The policy of a file NAME.toml with this text.
inline policy::Policy read_policy(const std::string& name, std::string_view text) {
    policy::Policy policy;
    policy::Diagnostics diagnostics;
    policy.name = name;
    policy::parse(text, name + ".toml", policy, diagnostics);
    for (const auto& diagnostic : diagnostics)
        throw std::invalid_argument(render(diagnostic));
    return policy;
}

inline std::vector<policy::Glob> globs(std::initializer_list<const char*> texts) {
    std::vector<policy::Glob> globs;
    for (const char* text : texts)
        globs.push_back({.text = text, .at = {}});
    return globs;
}

inline policy::Policy policy_for(std::string name, std::initializer_list<const char*> units) {
    policy::Policy policy;
    policy.name = std::move(name);
    policy.units = globs(units);
    return policy;
}

inline policy::Switch deny_switch() {
    return {.value = policy::Permission::deny, .at = {}};
}

inline policy::FileRule file_rule(policy::Action action, std::uint32_t access,
                                  std::initializer_list<const char*> path,
                                  std::initializer_list<const char*> except = {}) {
    return {.path = globs(path), .except = globs(except), .access = access, .action = action, .at = {}};
}

/// A kernel on which every hook works.
inline plan::Facts every_hook() {
    plan::Facts facts;
    facts.hooks.set();
    return facts;
}

/// A kernel without BPF LSM: tracepoints and cgroup programs only.
inline plan::Facts no_lsm() {
    plan::Facts facts;
    for (const auto hook :
         {ENFORCED_HOOK_cgroup_mkdir, ENFORCED_HOOK_cgroup_attach_task, ENFORCED_HOOK_sched_process_exit,
          ENFORCED_HOOK_cgroup_connect4, ENFORCED_HOOK_cgroup_connect6, ENFORCED_HOOK_cgroup_sendmsg4,
          ENFORCED_HOOK_cgroup_sendmsg6, ENFORCED_HOOK_cgroup_bind4, ENFORCED_HOOK_cgroup_bind6,
          ENFORCED_HOOK_cgroup_sock_create, ENFORCED_HOOK_cgroup_egress})
        facts.hooks.set(hook);
    return facts;
}

} // namespace enforced::test
