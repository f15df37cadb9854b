// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/remedy.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/digest.hpp"
#include "base/quote.hpp"
#include "base/utf8.hpp"
#include "plan/kernel.hpp"
#include "plan/match.hpp"
#include "plan/network.hpp"
#include "policy/capability.hpp"
#include "policy/check.hpp"
#include "policy/family.hpp"
#include "policy/glob.hpp"
#include "policy/parse.hpp"
#include "policy/print.hpp"

namespace enforced::plan {
namespace {

using policy::Action;
using policy::FileRule;
using policy::Permission;
using policy::Policy;

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        if (!character)
            return false;
        text.remove_prefix(character->length);
    }
    return true;
}

/// Why no pattern stands for the object of this attempt; empty if one does.
std::string unspeakable(const Attempt& attempt) {
    if (attempt.flags & ENFORCED_EVENT_UNRESOLVED)
        return "no rule can permit it: the object has no name that leads to the unit's root directory";
    if (attempt.flags & ENFORCED_EVENT_BY_IDENTITY)
        return "the rule means this object under another name, which the event does not hold: make the "
               "exception there";
    if (attempt.flags & ENFORCED_EVENT_OBJECT_CUT)
        return "the beginning of the object's name is missing in the event";
    if (!is_utf8(attempt.object))
        return "the object's name is not UTF-8, and a policy is: only a wildcard could stand for it";
    if (attempt.object.find('\0') != std::string::npos)
        return "the object's name has a NUL in it, and no policy has: only a wildcard could stand for it";
    return {};
}

template<class List>
bool any_matches(const List& list, const auto& what) {
    return std::ranges::any_of(list, [&](const auto& one) { return matches(one, what); });
}

/// The file that a rule stands in, as it is called within a policy directory.
std::string within_directory(const std::string& path) {
    const auto base = path.rfind('/');
    if (base == std::string::npos || base == 0)
        return path;
    const auto folder = path.rfind('/', base - 1);
    const auto begin = folder == std::string::npos ? 0 : folder + 1;
    return path.substr(path.substr(begin, base - begin).ends_with(".toml.d") ? begin : base + 1);
}

class Search {
  public:
    Search(const Policy& policy, const Attempt& attempt)
        : attempt_(attempt), remedy_{.changes = {}, .beyond = {}, .amended = policy} {}

    Status operator()(const PathQuestion& question) {
        if (const std::string why = unspeakable(attempt_); !why.empty())
            return failure(why);
        if (question.access == ENFORCED_RUN || question.access == ENFORCED_MAP)
            permit_image(question);
        else if (question.access == ENFORCED_SOCKET)
            permit_socket(question.name);
        else
            permit_file(question);
        return {};
    }

    Status operator()(const NetworkQuestion& question) {
        NetworkQuestion ipv4 = question;
        ipv4.address.assign(4, 0);
        std::vector<std::pair<NetworkQuestion, std::string>> wanted{{question, endpoint(attempt_.object)}};
        if (question.dual)
            wanted.emplace_back(ipv4, endpoint(attempt_.object.substr(0, attempt_.object.find(':')) +
                                               ":0.0.0.0:" + std::to_string(question.port)));
        permit_endpoints(wanted);
        return {};
    }

    Status operator()(const FamilyQuestion& question) {
        if (question.raw && (question.family == AF_INET || question.family == AF_INET6))
            return failure("raw and packet sockets are refused wherever \"families\" is given, as what they "
                           "send passes no rule");
        const std::string name = attempt_.object.substr(0, attempt_.object.find(' '));
        if (!policy::family_number(name))
            return failure("no policy can name this family of sockets");
        amend("[network]\nfamilies = [" + policy::print_string(name) + "]\n");
        remedy_.beyond = "sockets of this family of every type";
        return {};
    }

    Status operator()(const ChrootQuestion& question) {
        const auto& file = remedy_.amended.file;
        if (!file || file->default_.value == Permission::allow)
            return failure(guarded);
        if (const std::string why = unspeakable(attempt_); !why.empty())
            return failure(why);
        permit_file({question.name, ENFORCED_READ});
        remedy_.beyond = "reading the directory";
        return {};
    }

    Status operator()(const CapabilityQuestion& question) {
        const auto& section = *remedy_.amended.capability;
        const auto name = policy::capability_name(question.number);
        const auto in = [&](const std::vector<policy::NamedCapability>& list) {
            return std::ranges::find(list, question.number, &policy::NamedCapability::number) != list.end();
        };
        if (!name)
            return failure("no policy can name this capability");
        std::string text = "[capability]\n";
        if (in(section.deny) && !in(section.except))
            text += "except = [" + policy::print_string(*name) + "]\n";
        if (section.default_.value == Permission::deny && !in(section.allow))
            text += "allow = [" + policy::print_string(*name) + "]\n";
        amend(text);
        remedy_.beyond = "all else that this capability is good for";
        return {};
    }

    Status operator()(const KernelQuestion& question) {
        const std::string name(policy::kernel_names[question.key]);
        amend_switch("kernel", name, remedy_.amended.kernel->keys[question.key]);
        remedy_.beyond = "all else that " + kernel_rule(question.key) + " stands for";
        return {};
    }

    Status operator()(WholeQuestion question) {
        switch (question) {
        case WholeQuestion::unnamed_file:
            return failure(unspeakable(attempt_));
        case WholeQuestion::mount:
            if (remedy_.amended.file)
                return failure(guarded);
            return (*this)(KernelQuestion{ENFORCED_KERNEL_MOUNT});
        case WholeQuestion::anonymous:
            amend_switch("exec", "anonymous", remedy_.amended.exec->anonymous);
            remedy_.beyond = "running and mapping whatever has no name";
            return {};
        case WholeQuestion::writable_memory:
            amend_switch("exec", "writable-memory", remedy_.amended.exec->writable_memory);
            remedy_.beyond = "executing whatever memory was written";
            return {};
        }
        return {};
    }

    Result<Remedy> result() && {
        // From the end of a file, so that the lines before it stay what they are.
        std::ranges::stable_sort(remedy_.changes, std::greater{},
                                 [](const Change& each) { return std::pair(each.at.line, each.at.column); });
        for (const Change& change : remedy_.changes) {
            if (change.kind != Change::Kind::amend)
                continue;
            policy::Diagnostics diagnostics;
            policy::parse(change.text, change.file, remedy_.amended, diagnostics);
            if (policy::has_errors(diagnostics))
                return failure("no policy can say it: " + diagnostics.front().message);
        }
        for (const auto& diagnostic : policy::check(remedy_.amended))
            if (diagnostic.severity == policy::Diagnostic::Severity::error)
                return failure("no change of these rules alone permits it: " + diagnostic.message);
        return std::move(remedy_);
    }

  private:
    static constexpr const char* guarded =
        "no rule can permit it: a policy with file rules keeps its units from rearranging what names lead to";

    void amend(std::string text) { amend(std::move(text), ""); }

    /// `after` is the name of an amendment that has to be read before this one; empty if none has.
    void amend(std::string text, const std::string& after) {
        char number[8];
        char* const end = std::to_chars(number, number + 8, digest(digest_start, text), 16).ptr;
        std::string name = "50-allow-" + std::string(number, end) + ".toml";
        if (name <= after) // '_' comes behind the '.' of its suffix
            name = after.substr(0, after.size() - std::string_view(".toml").size()) + "_" + name;
        remedy_.changes.push_back({.kind = Change::Kind::amend,
                                   .policy = remedy_.amended.name,
                                   .file = remedy_.amended.name + ".toml.d/" + name,
                                   .at = {},
                                   .text = std::move(text)});
    }

    /// Of a key with one value, the last amendment that gives it counts.
    void amend_switch(const std::string& table, const std::string& key,
                      const std::optional<policy::Switch>& now) {
        const std::string file = now ? within_directory(now->at.file) : "";
        const auto slash = file.find('/');
        amend("[" + table + "]\n" + key + " = \"allow\"\n",
              slash == std::string::npos ? "" : file.substr(slash + 1));
    }

    void permit_file(const PathQuestion& question) {
        auto& file = *remedy_.amended.file;
        const std::uint32_t access = 1U << question.access;
        bool permitted = file.default_.value == Permission::allow;
        std::vector<FileRule> rules;
        for (const FileRule& rule : file.rules) {
            const bool speaks = rule.access & access && any_matches(rule.path, question.name) &&
                                !any_matches(rule.except, question.name);
            const bool refuses = rule.action == Action::deny || rule.action == Action::kill;
            permitted = permitted || (speaks && !refuses);
            if (speaks && refuses)
                narrow(rule, access, question.name, rules);
            else
                rules.push_back(rule);
        }
        file.rules = std::move(rules);
        if (permitted)
            return;
        const FileRule rule{.path = {{.text = policy::escape_glob(question.name), .at = {}}},
                            .except = {},
                            .access = access,
                            .action = Action::allow,
                            .at = {},
                            .in_braces = false};
        amend(policy::print(rule));
    }

    /// What is left of a rule that no longer speaks of `access` to `name`.
    void narrow(const FileRule& rule, std::uint32_t access, const std::string& name,
                std::vector<FileRule>& rules) {
        std::vector<FileRule> left;
        FileRule others = rule, rest = rule;
        others.access &= ~access;
        if (others.access != 0)
            left.push_back(others);
        rest.access = access;
        std::erase_if(rest.path, [&](const policy::Glob& glob) {
            return policy::literal(*policy::parse_glob(glob.text)) == name;
        });
        if (any_matches(rest.path, name))
            rest.except.push_back({.text = policy::escape_glob(name), .at = {}});
        if (!rest.path.empty())
            left.push_back(rest);
        std::string text;
        for (const FileRule& each : left)
            text += rule.in_braces ? (text.empty() ? "" : ", ") + policy::print_in_braces(each)
                                   : (text.empty() ? "" : "\n") + policy::print(each);
        remedy_.changes.push_back({.kind = Change::Kind::replace,
                                   .policy = remedy_.amended.name,
                                   .file = within_directory(rule.at.file),
                                   .at = rule.at,
                                   .text = std::move(text)});
        rules.insert(rules.end(), left.begin(), left.end());
    }

    void permit_image(const PathQuestion& question) {
        const auto& exec = *remedy_.amended.exec;
        const bool maps = question.access == ENFORCED_MAP;
        const bool by_default = exec.default_.value == Permission::allow;
        const std::string name = policy::print_string(policy::escape_glob(question.name));
        const bool denied = any_matches(exec.deny, question.name) && !any_matches(exec.except, question.name);
        const bool allowed =
            any_matches(exec.allow, question.name) || (maps && any_matches(exec.libraries, question.name));
        std::string text = "[exec]\n";
        if (denied)
            text += "except = [" + name + "]\n";
        if (!by_default && !allowed)
            text += (maps ? "libraries = [" : "allow = [") + name + "]\n";
        amend(text);
        if (maps && denied && (by_default || any_matches(exec.allow, question.name)))
            remedy_.beyond = "running it as a program";
    }

    void permit_socket(const std::string& name) {
        const auto& network = *remedy_.amended.network;
        const auto& rules = network.unix_;
        const std::string element = policy::print_string(policy::escape_glob(name));
        std::string text = "[network]\n";
        if (any_matches(rules.deny, name) && !any_matches(rules.except, name))
            text += "unix.except = [" + element + "]\n";
        if (network.default_.value == Permission::deny && !any_matches(rules.allow, name))
            text += "unix.allow = [" + element + "]\n";
        amend(text);
    }

    /// The endpoint as a policy has it. Of most protocols it has no name.
    std::string endpoint(const std::string& object) {
        const auto colon = object.find(':');
        const auto protocol = object.substr(0, colon);
        if (protocol == "tcp" || protocol == "udp")
            return object;
        remedy_.beyond = "every other protocol to the same address and port";
        return "any" + object.substr(colon);
    }

    void permit_endpoints(const std::vector<std::pair<NetworkQuestion, std::string>>& wanted) {
        const auto& network = *remedy_.amended.network;
        const auto operation = wanted.front().first.operation;
        const auto& rules = rules_of(network, operation);
        std::string except, allow;
        for (const auto& [question, text] : wanted) {
            const auto to = question.destination();
            const std::string element = policy::print_string(text);
            if (any_matches(rules.deny, to) && !any_matches(rules.except, to))
                except += (except.empty() ? "" : ", ") + element;
            if (network.default_.value == Permission::deny && !any_matches(rules.allow, to))
                allow += (allow.empty() ? "" : ", ") + element;
        }
        const std::string list(key_of(operation).substr(std::string_view("network.").size()));
        std::string text = "[network]\n";
        if (!except.empty())
            text += list + ".except = [" + except + "]\n";
        if (!allow.empty())
            text += list + ".allow = [" + allow + "]\n";
        amend(text);
    }

    const Attempt& attempt_;
    Remedy remedy_;
};

} // namespace

Result<Remedy> find_remedy(const Policy& policy, const Attempt& attempt) {
    const auto question = question_of(attempt);
    if (!question)
        return std::unexpected(question.error());
    Search search(policy, attempt);
    if (auto found = std::visit(search, *question); !found)
        return std::unexpected(found.error());
    return std::move(search).result();
}

} // namespace enforced::plan
