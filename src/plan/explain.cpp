// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/explain.hpp"

#include <algorithm>

#include "plan/compile.hpp"
#include "plan/member.hpp"
#include "plan/permits.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {
namespace {

using policy::Policy;

/// A rename or link that is permitted by both names is refused all the same if the new name permits more than
/// the old one, and only the old one is known.
bool may_gain(const Plan& plan, const Evaluator& evaluator, std::uint32_t set, const Attempt& attempt) {
    const bool renames = attempt.operation == ENFORCED_OP_RENAME || attempt.operation == ENFORCED_OP_LINK;
    return renames && plan.sets[set].value.flags & ENFORCED_SET_FILE &&
           !evaluator.free_below(set, attempt.object);
}

Rule find_rule(const std::vector<Rule>& rules, std::string_view policy, std::string_view key) {
    const auto found = std::ranges::find_if(
        rules, [&](const Rule& rule) { return rule.policy == policy && rule.key == key; });
    return found == rules.end() ? Rule{} : *found;
}

class Inquiry {
  public:
    Inquiry(std::span<const Policy> policies, const Plan& plan, const Facts& facts, const Case& what)
        : plan_(plan), facts_(facts), case_(what), evaluator_(plan), set_(evaluator_.set_of(what.cgroup)) {
        for (const Policy& policy : policies)
            if (std::ranges::find(plan.sets[set_].policies, policy.name) != plan.sets[set_].policies.end())
                governing_.push_back(policy);
        for (const Policy& policy : governing_)
            explanation_.governed_by.push_back(policy.name);
    }

    Explanation run() {
        const auto question = question_of(case_.attempt);
        if (!question) {
            explanation_.certain = false;
            explanation_.unless = question.error().message;
            return std::move(explanation_);
        }
        question_ = *question;
        judge();
        object();
        if (explanation_.now > ENFORCED_LOG)
            change();
        permit();
        return std::move(explanation_);
    }

  private:
    [[nodiscard]] Answer answer_of(const Plan& plan) const {
        const Evaluator evaluator(plan);
        return ask(plan, evaluator, evaluator.set_of(case_.cgroup), question_);
    }

    /// What one policy says by itself, and the plan that says so.
    [[nodiscard]] std::pair<Answer, Plan> alone(const Policy& policy) const {
        auto plan = compile(std::span(&policy, 1), facts_);
        if (!plan)
            return {};
        const Answer answer = answer_of(*plan);
        return {answer, std::move(*plan)};
    }

    void judge() {
        if (set_ == 0)
            return;
        const Answer answer = ask(plan_, evaluator_, set_, question_);
        explanation_.now = answer.verdict;
        const auto decided = std::ranges::find(plan_.rules, case_.rule, &Rule::id);
        const bool by_identity = (case_.attempt.flags & ENFORCED_EVENT_BY_IDENTITY) != 0;
        if (answer.verdict > ENFORCED_LOG ||
            !(by_identity || may_gain(plan_, evaluator_, set_, case_.attempt)))
            return;
        explanation_.certain = false;
        if (decided == plan_.rules.end())
            return;
        explanation_.now = verdict_of(*decided);
        explanation_.objections.push_back({*decided, explanation_.now});
        explanation_.unless =
            by_identity
                ? "the rule means this object under another name, which the event does not hold: make "
                  "the exception there"
                : "by this name it is permitted; if it is refused all the same, it, or what is "
                  "below it, would get more access under its new name, which the event does not hold";
    }

    [[nodiscard]] enforced_verdict verdict_of(const Rule& rule) const {
        const auto policy = std::ranges::find(governing_, rule.policy, &Policy::name);
        const auto mode = policy == governing_.end() ? policy::Mode::enforce : policy->mode;
        return in_mode(rule.action == "kill" ? ENFORCED_KILL : ENFORCED_DENY, mode);
    }

    void object() {
        if (!explanation_.certain)
            return;
        for (const Policy& policy : governing_) {
            const auto [answer, plan] = alone(policy);
            const auto rule = std::ranges::find(plan.rules, answer.rule, &Rule::id);
            if (answer.verdict == ENFORCED_ALLOW || rule == plan.rules.end())
                continue;
            explanation_.objections.push_back({*rule, answer.verdict});
        }
        std::ranges::stable_sort(explanation_.objections, std::greater{}, &Objection::verdict);
    }

    /// Whether the policy stands in the way. One in audit mode does not, if another really refuses.
    [[nodiscard]] bool stands_in_the_way(const std::string& policy) const {
        const auto least = ENFORCED_IS_REFUSAL(explanation_.now) ? ENFORCED_DENY : ENFORCED_WOULD_DENY;
        return std::ranges::any_of(explanation_.objections, [&](const Objection& each) {
            return each.rule.policy == policy && each.verdict >= least;
        });
    }

    void change() {
        if (!explanation_.unless.empty())
            return;
        std::vector<Policy> amended;
        for (const Policy& policy : governing_) {
            if (!stands_in_the_way(policy.name)) {
                amended.push_back(policy);
                continue;
            }
            auto remedy = find_remedy(policy, case_.attempt);
            if (!remedy)
                return give_up(remedy.error().message);
            std::ranges::move(remedy->changes, std::back_inserter(explanation_.changes));
            if (explanation_.beyond.find(remedy->beyond) == std::string::npos)
                explanation_.beyond += (explanation_.beyond.empty() ? "" : ", ") + remedy->beyond;
            amended.push_back(std::move(remedy->amended));
        }
        const auto plan = compile(amended, facts_);
        if (!plan)
            return give_up(plan.error().message);
        const auto least = ENFORCED_IS_REFUSAL(explanation_.now) ? ENFORCED_DENY : ENFORCED_WOULD_DENY;
        if (answer_of(*plan).verdict >= least)
            give_up("no change of single rules permits it");
    }

    void give_up(std::string why) {
        explanation_.changes.clear();
        explanation_.beyond.clear();
        explanation_.unless = std::move(why);
    }

    void permit() {
        for (const Policy& policy : governing_) {
            const Policy* pointer = &policy;
            const auto rules = list_rules(std::span(&pointer, 1));
            for (auto& [key, but] : find_permits(policy, question_)) {
                if (but.empty())
                    but = overruled(policy.name);
                explanation_.permits.push_back({find_rule(rules, policy.name, key), std::move(but)});
            }
        }
    }

    /// Why it is not enough that a rule of this policy permits the operation.
    [[nodiscard]] std::string overruled(const std::string& policy) const {
        if (!explanation_.certain && !(case_.attempt.flags & ENFORCED_EVENT_BY_IDENTITY))
            return {}; // it is enough, as far as the event tells
        const auto& objections = explanation_.objections;
        const auto own = std::ranges::find_if(
            objections, [&](const Objection& each) { return each.rule.policy == policy; });
        if (own != objections.end() && own->verdict > ENFORCED_LOG)
            return own->rule.key + " of the same policy refuses it, and deny beats allow";
        const auto other = std::ranges::find_if(
            objections, [&](const Objection& each) { return each.verdict > ENFORCED_LOG; });
        if (other == objections.end())
            return {};
        return "each policy of a unit has to permit it, and " + other->rule.policy + " does not";
    }

    const Plan& plan_;
    const Facts& facts_;
    const Case& case_;
    Evaluator evaluator_;
    std::uint32_t set_;
    std::vector<Policy> governing_;
    Question question_;
    Explanation explanation_;
};

} // namespace

Explanation explain(std::span<const Policy> policies, const Plan& plan, const Facts& facts,
                    const Case& what) {
    return Inquiry(policies, plan, facts, what).run();
}

} // namespace enforced::plan
