// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/permits.hpp"

#include <algorithm>

#include "plan/match.hpp"
#include "plan/network.hpp"
#include "plan/rules.hpp"
#include "policy/print.hpp"

namespace enforced::plan {
namespace {

class Search {
  public:
    explicit Search(const policy::Policy& policy) : policy_(policy) {}

    void operator()(const PathQuestion& question) {
        if (question.access == ENFORCED_RUN || question.access == ENFORCED_MAP)
            image(question);
        else if (question.access == ENFORCED_SOCKET)
            socket(question);
        else
            file(question);
    }

    void operator()(const NetworkQuestion& question) {
        if (!policy_.network)
            return;
        const auto& allow = rules_of(*policy_.network, question.operation).allow;
        const auto list = std::string(key_of(question.operation)) + ".allow";
        for (std::size_t i = 0; i < allow.size(); i++)
            endpoint(allow[i], element(list, i), question.destination());
    }

    void operator()(const CapabilityQuestion& question) {
        if (!policy_.capability)
            return;
        const auto& allow = policy_.capability->allow;
        for (std::size_t i = 0; i < allow.size(); i++)
            if (allow[i].number == question.number)
                found_.push_back({element("capability.allow", i), ""});
    }

    void operator()(const ChrootQuestion& question) { file({question.name, ENFORCED_READ}); }

    void operator()(const KernelQuestion&) {} // a key is one rule
    void operator()(const FamilyQuestion&) {} // what is on the list is permitted
    void operator()(WholeQuestion) {}         // there is one rule at most

    [[nodiscard]] std::vector<Speaker> found() && { return std::move(found_); }

  private:
    void file(const PathQuestion& question) {
        if (!policy_.file)
            return;
        const auto matching = [&](const policy::Glob& glob) { return matches(glob, question.name); };
        for (std::size_t i = 0; i < policy_.file->rules.size(); i++) {
            const auto& rule = policy_.file->rules[i];
            const bool permits = rule.action == policy::Action::allow || rule.action == policy::Action::audit;
            if (!permits || std::ranges::none_of(rule.path, matching))
                continue;
            const auto except = std::ranges::find_if(rule.except, matching);
            std::string but;
            if (!(rule.access & 1U << question.access))
                but = "it speaks of " + policy::print_access(rule.access) + " only";
            else if (except != rule.except.end())
                but = "its exception " + policy::print_string(except->text) + " takes this away from it";
            found_.push_back({element("file.rule", i), but});
        }
    }

    void image(const PathQuestion& question) {
        if (!policy_.exec)
            return;
        named("exec.allow", policy_.exec->allow, question.name, "");
        named("exec.libraries", policy_.exec->libraries, question.name,
              question.access == ENFORCED_RUN ? "it speaks of what is mapped, not of what is run" : "");
    }

    void socket(const PathQuestion& question) {
        if (policy_.network)
            named("network.unix.allow", policy_.network->unix_.allow, question.name, "");
    }

    void named(const std::string& list, const std::vector<policy::Glob>& globs, const std::string& name,
               const std::string& but) {
        for (std::size_t i = 0; i < globs.size(); i++)
            if (matches(globs[i], name))
                found_.push_back({element(list, i), but});
    }

    void endpoint(const policy::Endpoint& allowed, const std::string& key, const Destination& to) {
        if (matches(allowed, to)) {
            found_.push_back({key, ""});
            return;
        }
        policy::Endpoint wider = allowed;
        wider.first_port = 0;
        wider.last_port = 65535;
        if (allowed.address && matches(wider, to))
            found_.push_back({key, "it speaks of other ports"});
        wider = allowed;
        wider.protocol = policy::Protocol::any;
        if (matches(wider, to))
            found_.push_back({key, "it speaks of another protocol"});
    }

    const policy::Policy& policy_;
    std::vector<Speaker> found_;
};

} // namespace

std::vector<Speaker> find_permits(const policy::Policy& policy, const Question& question, std::size_t most) {
    Search search(policy);
    std::visit(search, question);
    auto found = std::move(search).found();
    // Those that permit it are worth more than those that nearly do.
    std::ranges::stable_partition(found, [](const Speaker& each) { return each.but.empty(); });
    found.resize(std::min(found.size(), most));
    return found;
}

} // namespace enforced::plan
