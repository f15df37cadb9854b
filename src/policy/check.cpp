// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/quote.hpp"
#include "policy/address.hpp"

namespace enforced::policy {
namespace {

/// " (line 7)", or with its file if that is another than the one in which this is read.
std::string place(const Location& at, const Location& seen_from) {
    const auto line = std::to_string(at.line);
    return at.file == seen_from.file ? " (line " + line + ")" : " (" + printable(at.file) + ":" + line + ")";
}

std::string place(const Switch& by_default, const Location& seen_from) {
    return by_default.at.line == 0 ? ", which is the default" : place(by_default.at, seen_from);
}

/// What two endpoints have in common if they mean the same, whatever their spelling.
auto meaning(const Endpoint& endpoint) {
    const auto cidr = endpoint.address.value_or(Cidr{});
    return std::tuple(endpoint.protocol, endpoint.address.has_value(), cidr.ipv6, cidr.address, cidr.prefix,
                      endpoint.first_port, endpoint.last_port);
}

const std::string& meaning(const Glob& glob) {
    return glob.text;
}

const std::string& meaning(const User& user) {
    return user.text;
}

unsigned meaning(const NamedCapability& capability) {
    return capability.number;
}

const std::string& text_of(const Glob& glob) {
    return glob.text;
}

const std::string& text_of(const Endpoint& endpoint) {
    return endpoint.text;
}

const std::string& text_of(const User& user) {
    return user.text;
}

const std::string& text_of(const NamedCapability& capability) {
    return capability.name;
}

/// Goes through a policy and gathers what it finds.
class Check {
  public:
    explicit Check(const Policy& policy) : policy_(policy) {}

    Diagnostics run() {
        if (policy_.units.empty() && policy_.user_units.empty())
            error(policy_.at, "the policy names no unit: give units = [\"NAME.service\"]");
        no_duplicates(policy_.units);
        no_duplicates(policy_.user_units);
        no_duplicates(policy_.users);
        if (!policy_.users.empty() && policy_.user_units.empty())
            error(policy_.users.front().at,
                  "\"users\" has no effect: it says whose user-units are meant, and there are none");
        no_duplicates(policy_.release_to);
        if (policy_.file)
            file(*policy_.file);
        if (policy_.exec)
            exec(*policy_.exec);
        if (policy_.network)
            network(*policy_.network);
        if (policy_.capability)
            capability(*policy_.capability);
        if (!policy_.file && !policy_.exec && !policy_.network && !policy_.capability && !policy_.kernel &&
            policy_.mode != Mode::off)
            warning(policy_.at, "the policy has no section such as [file], so it restricts nothing");
        return std::move(found_);
    }

  private:
    void error(const Location& at, std::string message) {
        found_.push_back({Diagnostic::Severity::error, at, std::move(message)});
    }

    void warning(const Location& at, std::string message) {
        found_.push_back({Diagnostic::Severity::warning, at, std::move(message)});
    }

    /// Whether an amendment says `by` on top of `what`, and so may well take its effect from it.
    [[nodiscard]] bool amended(const Location& what, const Location& by) const {
        return by.line > 0 && by.file != what.file && by.file != policy_.at.file;
    }

    /// The same twice in one file is a slip. In an amendment it is none: what it adds may have come to be in
    /// the file it amends.
    template<class T>
    void no_duplicates(const std::vector<T>& list) {
        std::map<std::decay_t<decltype(meaning(list.front()))>, const T*> seen;
        for (const auto& element : list) {
            const auto [first, fresh] = seen.try_emplace(meaning(element), &element);
            if (!fresh && first->second->at.file == element.at.file)
                error(element.at,
                      quote(text_of(element)) + " is given twice" + place(first->second->at, element.at));
        }
    }

    template<class T>
    void not_in_both(const std::vector<T>& allow, const std::vector<T>& deny, const std::vector<T>& except) {
        std::map<std::decay_t<decltype(meaning(allow.front()))>, const T*> denied;
        for (const auto& element : deny)
            denied.emplace(meaning(element), &element);
        for (const auto& element : except)
            denied.erase(meaning(element));
        for (const auto& element : allow) {
            const auto other = denied.find(meaning(element));
            if (other != denied.end() && !amended(element.at, other->second->at))
                error(element.at, "allowing " + quote(text_of(element)) + " has no effect: it is denied too" +
                                      place(other->second->at, element.at) + ", and deny beats allow");
        }
    }

    /// A list that makes exceptions from `default = "deny"`.
    template<class T>
    void needs_deny(std::string_view name, const std::vector<T>& list, const Switch& by_default) {
        if (list.empty() || by_default.value == Permission::deny || amended(list.front().at, by_default.at))
            return;
        const auto& at = list.front().at;
        error(at, quote(name) + " has no effect under default = \"allow\"" + place(by_default, at) +
                      "; give default = \"deny\"");
    }

    /// A list that makes exceptions from what is allowed.
    template<class T>
    void needs_allowed(std::string_view name, const std::vector<T>& list, const Switch& by_default,
                       bool something_allowed) {
        if (list.empty() || by_default.value == Permission::allow || something_allowed ||
            amended(list.front().at, by_default.at))
            return;
        error(list.front().at, quote(name) +
                                   " has no effect: default = \"deny\" and nothing is allowed that it "
                                   "could take away from");
    }

    /// A list that makes exceptions from what is denied. Another file may well take back an element whole.
    template<class T>
    void needs_denied(std::string_view name, const std::vector<T>& list, const std::vector<T>& deny) {
        if (!list.empty() && deny.empty())
            error(list.front().at,
                  quote(name) + " has no effect: nothing is denied that it could take away from");
        for (const auto& except : list) {
            for (const auto& element : deny) {
                if (meaning(element) == meaning(except) && element.at.file == except.at.file)
                    error(except.at, "the exception " + quote(text_of(except)) +
                                         " takes away the whole of what is denied" +
                                         place(element.at, except.at));
            }
        }
    }

    void file(const File& file) {
        std::map<std::tuple<std::vector<std::string>, std::vector<std::string>, std::uint32_t, Action>,
                 const FileRule*>
            seen;
        for (const auto& rule : file.rules) {
            no_duplicates(rule.path);
            no_duplicates(rule.except);
            except_leaves_something(rule);
            const bool allowed_anyway = file.default_.value == Permission::allow;
            if (rule.action == Action::allow && allowed_anyway && !amended(rule.at, file.default_.at))
                error(rule.at, "an allow rule has no effect under default = \"allow\"" +
                                   place(file.default_, rule.at) +
                                   "; to cut something out of another rule, use its \"except\"");
            const auto [first, fresh] =
                seen.try_emplace({texts(rule.path), texts(rule.except), rule.access, rule.action}, &rule);
            if (!fresh && first->second->at.file == rule.at.file)
                error(rule.at, "the same rule is given twice" + place(first->second->at, rule.at));
        }
    }

    void except_leaves_something(const FileRule& rule) {
        const auto paths = texts(rule.path);
        const std::set<std::string_view> whole(paths.begin(), paths.end());
        for (const auto& except : rule.except) {
            if (whole.contains(except.text))
                error(except.at,
                      "the exception " + quote(except.text) + " takes away the whole of that path");
        }
    }

    static std::vector<std::string> texts(const std::vector<Glob>& globs) {
        std::vector<std::string> all;
        for (const auto& glob : globs)
            all.push_back(glob.text);
        return all;
    }

    void exec(const Exec& exec) {
        for (const auto* list : {&exec.allow, &exec.deny, &exec.except, &exec.libraries})
            no_duplicates(*list);
        not_in_both(exec.allow, exec.deny, exec.except);
        not_in_both(exec.libraries, exec.deny, exec.except);
        needs_denied("except", exec.except, exec.deny);
        needs_deny("allow", exec.allow, exec.default_);
        needs_deny("libraries", exec.libraries, exec.default_);
        needs_allowed("deny", exec.deny, exec.default_, !exec.allow.empty() || !exec.libraries.empty());
        if (exec.default_.value == Permission::allow)
            return;
        if (exec.allow.empty())
            warning(exec.default_.at,
                    "nothing may be run, not even the unit's own program: give allow = [...]");
        else if (exec.libraries.empty())
            warning(exec.default_.at,
                    "no library may be mapped, so only static programs can run: give libraries = "
                    "[\"/usr/lib/**\"]");
    }

    void network(const Network& network) {
        if (network.families)
            families(*network.families);
        endpoints("connect", network.connect, network);
        endpoints("bind", network.bind, network);
        endpoints("accept", network.accept, network);
        sockets(network.unix_, network);
        for (const auto* list : {&network.accept.allow, &network.accept.deny, &network.accept.except}) {
            for (const auto& endpoint : *list)
                is_peer(endpoint);
        }
        for (const auto* list : {&network.connect.allow, &network.connect.deny, &network.connect.except}) {
            for (const auto& endpoint : *list)
                no_unspecified_peer(endpoint);
        }
    }

    void families(const std::vector<Family>& families) {
        std::map<int, const Family*> seen;
        for (const auto& family : families) {
            const auto [first, fresh] = seen.try_emplace(family.number, &family);
            if (!fresh && first->second->at.file == family.at.file)
                error(family.at,
                      quote(family.name) + " is given twice" + place(first->second->at, family.at));
        }
    }

    void endpoints(const std::string& operation, const EndpointRules& rules, const Network& network) {
        for (const auto* list : {&rules.allow, &rules.deny, &rules.except}) {
            for (const auto& endpoint : *list)
                has_a_socket(endpoint, network);
        }
        lists(operation, rules, network);
        needs_allowed(operation + ".deny", rules.deny, network.default_, !rules.allow.empty());
    }

    /// Under `default = "deny"`, `unix.deny` may also take away the sockets of the manager and the journal.
    void sockets(const SocketRules& rules, const Network& network) {
        for (const auto* list : {&rules.allow, &rules.deny, &rules.except}) {
            for (const auto& glob : *list) {
                if (!allows_family(network, "unix"))
                    no_socket_for(glob, network, R"("unix")");
            }
        }
        lists("unix", rules, network);
    }

    template<class Element>
    void lists(const std::string& operation, const Rules<Element>& rules, const Network& network) {
        for (const auto* list : {&rules.allow, &rules.deny, &rules.except})
            no_duplicates(*list);
        not_in_both(rules.allow, rules.deny, rules.except);
        needs_denied(operation + ".except", rules.except, rules.deny);
        needs_deny(operation + ".allow", rules.allow, network.default_);
    }

    static bool allows_family(const Network& network, std::string_view name) {
        return !network.families ||
               std::ranges::find(*network.families, name, &Family::name) != network.families->end();
    }

    template<class Element>
    void no_socket_for(const Element& element, const Network& network, const std::string& missing) {
        error(element.at, quote(text_of(element)) + " has no effect: \"families\"" +
                              place(network.families_at, element.at) + " allows no socket for it; add " +
                              missing);
    }

    /// Rules about addresses speak of sockets that may be made in the first place. An IPv6 socket also
    /// reaches IPv4 addresses.
    void has_a_socket(const Endpoint& endpoint, const Network& network) {
        const bool ipv6 = endpoint.address && endpoint.address->ipv6;
        if (!allows_family(network, "inet6") && (ipv6 || !allows_family(network, "inet")))
            no_socket_for(endpoint, network, ipv6 ? R"("inet6")" : R"("inet" or "inet6")");
    }

    void is_peer(const Endpoint& endpoint) {
        if (endpoint.protocol == Protocol::udp)
            error(endpoint.at,
                  quote(endpoint.text) + " has no effect: UDP has no connections that could be accepted");
        else if (endpoint.first_port != 0 || endpoint.last_port != 65535)
            error(endpoint.at,
                  quote(endpoint.text) +
                      " gives a port, but \"accept\" speaks of peers, whose ports mean nothing; the "
                      "port that is listened on belongs into \"bind\"");
    }

    void no_unspecified_peer(const Endpoint& endpoint) {
        const bool unspecified = endpoint.address && endpoint.address->address == Cidr{}.address &&
                                 endpoint.address->prefix == (endpoint.address->ipv6 ? 128 : 32);
        if (unspecified)
            error(endpoint.at, "connecting to " + print(*endpoint.address) +
                                   " reaches the host itself: write the loopback address, " +
                                   (endpoint.address->ipv6 ? "[::1]" : "127.0.0.1"));
    }

    void capability(const Capability& capability) {
        for (const auto* list : {&capability.allow, &capability.deny, &capability.except})
            no_duplicates(*list);
        not_in_both(capability.allow, capability.deny, capability.except);
        needs_denied("except", capability.except, capability.deny);
        needs_deny("allow", capability.allow, capability.default_);
        needs_allow(capability.deny, capability);
    }

    /// `default = "deny"` denies whatever is not allowed, and nothing is both in one file.
    void needs_allow(const std::vector<NamedCapability>& denied, const Capability& section) {
        for (const auto& each : denied) {
            const bool allowed = std::ranges::find(section.allow, each.number, &NamedCapability::number) !=
                                 section.allow.end();
            if (section.default_.value == Permission::deny && !allowed &&
                section.default_.at.file == each.at.file)
                error(each.at, "denying " + quote(each.name) + " has no effect: default = \"deny\" does so" +
                                   place(section.default_, each.at));
        }
    }

    const Policy& policy_;
    Diagnostics found_;
};

} // namespace

Diagnostics check(const Policy& policy) {
    return Check(policy).run();
}

} // namespace enforced::policy
