// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/naive.hpp"

#include <algorithm>
#include <map>

namespace enforced::test {
namespace {

using policy::Action;
using policy::Permission;
using policy::Policy;

/// Splits a glob at its first pair of braces: what is before, the alternatives, what is after.
struct Braces {
    std::string before;
    std::vector<std::string> alternatives;
    std::string after;
};

Braces split(const std::string& glob) {
    Braces braces;
    int depth = 0;
    bool set = false;
    for (std::size_t i = 0; i < glob.size(); i++) {
        const char c = glob[i];
        std::string piece(1, c);
        if (c == '\\')
            piece += glob[++i];
        const bool syntax = c != '\\' && !set;
        if (syntax && c == '{' && depth++ == 0) {
            braces.alternatives.emplace_back();
            continue;
        }
        if (syntax && c == '}' && --depth == 0) {
            braces.after = glob.substr(i + 1);
            return braces;
        }
        if (syntax && c == ',' && depth == 1) {
            braces.alternatives.emplace_back();
            continue;
        }
        if (c == '[' && syntax) {
            set = true;
            // A ']' that comes first is a member.
            const bool negated = glob[i + 1] == '!';
            if (glob[i + (negated ? 2 : 1)] == ']') {
                piece += glob.substr(i + 1, negated ? 2 : 1);
                i += negated ? 2 : 1;
            }
        } else if (c == ']' && set) {
            set = false;
        }
        (depth == 0 ? braces.before : braces.alternatives.back()) += piece;
    }
    return braces;
}

/// Where a brace was: two stars that meet there are not "**". No name holds it.
constexpr char seam = '\0';

std::vector<std::string> expand(const std::string& glob) {
    const Braces braces = split(glob);
    if (braces.alternatives.empty())
        return {glob};
    std::vector<std::string> globs;
    for (const auto& alternative : braces.alternatives)
        for (const auto& one : expand(alternative + seam + braces.after))
            globs.push_back(braces.before + seam + one);
    return globs;
}

/// Reads a set from behind its '[', and moves `glob` behind its ']'.
bool in_set(std::string_view& glob, char c) {
    bool found = false;
    const bool negated = glob.front() == '!';
    if (negated)
        glob.remove_prefix(1);
    const auto member = [&] {
        if (glob.front() == '\\')
            glob.remove_prefix(1);
        const char member = glob.front();
        glob.remove_prefix(1);
        return static_cast<unsigned char>(member);
    };
    for (bool first = true; first || glob.front() != ']'; first = false) {
        const auto low = member();
        auto high = low;
        if (glob.front() == '-' && glob[1] != ']') {
            glob.remove_prefix(1);
            high = member();
        }
        const auto byte = static_cast<unsigned char>(c);
        found = found || (low <= byte && byte <= high);
    }
    glob.remove_prefix(1);
    return found != negated && c != '/';
}

bool match(std::string_view glob, std::string_view name) {
    while (!glob.empty()) {
        if (glob.front() == seam) {
            glob.remove_prefix(1);
            continue;
        }
        if (glob.starts_with("*")) {
            const bool across = glob.starts_with("**");
            const auto rest = glob.substr(across ? 2 : 1);
            for (;; name.remove_prefix(1)) {
                if (match(rest, name))
                    return true;
                if (name.empty() || (!across && name.front() == '/'))
                    return false;
            }
        }
        if (name.empty())
            return false;
        const char c = name.front();
        name.remove_prefix(1);
        const char g = glob.front();
        glob.remove_prefix(1);
        if (g == '?') {
            if (c == '/')
                return false;
        } else if (g == '[') {
            if (!in_set(glob, c))
                return false;
        } else {
            char literal = g;
            if (g == '\\') {
                literal = glob.front();
                glob.remove_prefix(1);
            }
            if (literal != c)
                return false;
        }
    }
    return name.empty();
}

bool any(const std::vector<policy::Glob>& globs, std::string_view name) {
    return std::ranges::any_of(globs, [&](const auto& glob) { return naive_match(glob.text, name); });
}

/// Softens a verdict in audit mode, and keeps the severest; of equal ones the first.
void consider(NaiveAnswer& answer, const Policy& policy, enforced_verdict verdict, const std::string& key) {
    if (policy.mode == policy::Mode::audit && verdict == ENFORCED_DENY)
        verdict = ENFORCED_WOULD_DENY;
    if (policy.mode == policy::Mode::audit && verdict == ENFORCED_KILL)
        verdict = ENFORCED_WOULD_KILL;
    if (verdict > answer.verdict)
        answer = {verdict, policy.name + " " + key};
}

std::string nth(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
}

bool applies(const policy::FileRule& rule, std::string_view name, std::uint32_t access) {
    return rule.access & access && any(rule.path, name) && !any(rule.except, name);
}

/// What the file rules say of an access, given as a bit. Only refusals count where `refusals_only`.
void consider_files(NaiveAnswer& answer, const Policy& policy, std::string_view name, std::uint32_t access,
                    bool refusals_only) {
    if (!policy.file)
        return;
    const auto& rules = policy.file->rules;
    for (const auto& [action, verdict] :
         {std::pair(Action::kill, ENFORCED_KILL), std::pair(Action::deny, ENFORCED_DENY),
          std::pair(Action::audit, ENFORCED_LOG), std::pair(Action::allow, ENFORCED_ALLOW)}) {
        if (refusals_only && verdict < ENFORCED_DENY)
            return;
        for (std::size_t i = 0; i < rules.size(); i++)
            if (rules[i].action == action && applies(rules[i], name, access)) {
                consider(answer, policy, verdict, nth("file.rule", i));
                return;
            }
    }
    if (policy.file->default_.value == Permission::deny)
        consider(answer, policy, ENFORCED_DENY, "file.default");
}

/// Whether an element of exec.deny refuses.
bool consider_denied(NaiveAnswer& answer, const Policy& policy, std::string_view name) {
    if (any(policy.exec->except, name))
        return false;
    for (std::size_t i = 0; i < policy.exec->deny.size(); i++)
        if (naive_match(policy.exec->deny[i].text, name)) {
            consider(answer, policy, ENFORCED_DENY, nth("exec.deny", i));
            return true;
        }
    return false;
}

void consider_exec(NaiveAnswer& answer, const Policy& policy, std::string_view name, bool map) {
    if (!policy.exec || consider_denied(answer, policy, name))
        return;
    const auto& exec = *policy.exec;
    if (exec.default_.value == Permission::deny && !any(exec.allow, name) &&
        !(map && any(exec.libraries, name)))
        consider(answer, policy, ENFORCED_DENY, "exec.default");
}

/// By these names the manager's notifications and the journal are there.
bool is_managers(std::string_view name) {
    for (const std::string_view known : {"/run/systemd/notify", "/run/systemd/journal/socket",
                                         "/run/systemd/journal/stdout", "/run/systemd/journal/dev-log"})
        if (name == known)
            return true;
    return false;
}

void consider_sockets(NaiveAnswer& answer, const Policy& policy, std::string_view name, bool refusals_only) {
    if (!policy.network)
        return;
    const auto& rules = policy.network->unix_;
    for (std::size_t i = 0; i < rules.deny.size() && !any(rules.except, name); i++)
        if (naive_match(rules.deny[i].text, name)) {
            consider(answer, policy, ENFORCED_DENY, nth("network.unix.deny", i));
            return;
        }
    if (!refusals_only && policy.network->default_.value == Permission::deny && !any(rules.allow, name) &&
        !is_managers(name))
        consider(answer, policy, ENFORCED_DENY, "network.default");
}

bool speaks_of(const policy::Endpoint& endpoint, const plan::Destination& to) {
    if (endpoint.protocol == policy::Protocol::tcp && to.protocol != 6)
        return false;
    if (endpoint.protocol == policy::Protocol::udp && to.protocol != 17)
        return false;
    if (to.port < endpoint.first_port || to.port > endpoint.last_port)
        return false;
    if (!endpoint.address)
        return true;
    if (endpoint.address->ipv6 != (to.address.size() == 16))
        return false;
    for (unsigned bit = 0; bit < endpoint.address->prefix; bit++)
        if ((endpoint.address->address[bit / 8] ^ to.address[bit / 8]) & 0x80 >> bit % 8)
            return false;
    return true;
}

std::pair<std::string, const policy::EndpointRules&> spoken_of(const policy::Network& network,
                                                               enforced_network_op operation) {
    if (operation == ENFORCED_CONNECT)
        return {"connect", network.connect};
    if (operation == ENFORCED_BIND)
        return {"bind", network.bind};
    return {"accept", network.accept};
}

} // namespace

bool naive_match(const std::string& glob, std::string_view name) {
    static std::map<std::string, std::vector<std::string>> expanded;
    if (expanded.size() > 10000)
        expanded.clear();
    const auto [found, fresh] = expanded.try_emplace(glob);
    if (fresh)
        found->second = expand(glob);
    return std::ranges::any_of(found->second, [&](const auto& one) { return match(one, name); });
}

NaiveAnswer naive_by_name(std::span<const Policy> policies, std::string_view name, enforced_access access) {
    NaiveAnswer answer;
    for (const auto& policy : policies) {
        if (access < ENFORCED_IMAGE)
            consider_files(answer, policy, name, 1U << access, false);
        else if (access == ENFORCED_IMAGE)
            consider_files(answer, policy, name, policy::access_read, true);
        else if (access == ENFORCED_SOCKET)
            consider_sockets(answer, policy, name, false);
        else
            consider_exec(answer, policy, name, access == ENFORCED_MAP);
    }
    return answer;
}

NaiveAnswer naive_by_identity(std::span<const Policy> policies, std::string_view name,
                              enforced_access access) {
    NaiveAnswer answer;
    for (const auto& policy : policies) {
        if (access == ENFORCED_SOCKET) {
            consider_sockets(answer, policy, name, true);
        } else if (access >= ENFORCED_RUN) {
            if (policy.exec)
                consider_denied(answer, policy, name);
        } else {
            consider_files(answer, policy, name,
                           access == ENFORCED_IMAGE ? std::uint32_t{policy::access_read} : 1U << access,
                           true);
        }
    }
    return answer;
}

NaiveAnswer naive_network(std::span<const Policy> policies, const plan::Destination& to) {
    NaiveAnswer answer;
    for (const auto& policy : policies) {
        if (!policy.network)
            continue;
        const auto& [key, rules] = spoken_of(*policy.network, to.operation);
        const auto matches = [&](const auto& endpoint) { return speaks_of(endpoint, to); };
        const auto denied = std::ranges::any_of(rules.except, matches)
                                ? rules.deny.end()
                                : std::ranges::find_if(rules.deny, matches);
        if (denied != rules.deny.end())
            consider(answer, policy, ENFORCED_DENY,
                     nth("network." + key + ".deny", static_cast<std::size_t>(denied - rules.deny.begin())));
        else if (policy.network->default_.value == Permission::deny &&
                 std::ranges::none_of(rules.allow, matches))
            consider(answer, policy, ENFORCED_DENY, "network.default");
    }
    return answer;
}

NaiveAnswer spell_out(const plan::Plan& plan, const plan::Answer& answer) {
    const auto found = std::ranges::find(plan.rules, answer.rule, &plan::Rule::id);
    return {answer.verdict, found == plan.rules.end() ? "" : found->policy + " " + found->key};
}

} // namespace enforced::test
