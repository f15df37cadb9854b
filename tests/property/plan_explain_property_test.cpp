// SPDX-License-Identifier: GPL-2.0-or-later
/// What explain proposes, applied as text: it permits the one operation, and changes nothing else.
#include <gtest/gtest.h>

#include <algorithm>

#include "plan/compile.hpp"
#include "plan/explain.hpp"
#include "policy/address.hpp"
#include "policy/check.hpp"
#include "policy/print.hpp"
#include "support/policy.hpp"
#include "support/random_policy.hpp"

namespace enforced::test {
namespace {

constexpr const char* cgroup = "/system.slice/test.service";
constexpr unsigned policies = 4000;
constexpr unsigned neighbours = 60;

/// A policy as its file, with amendments.
struct Files {
    std::string name, text;
    std::vector<std::pair<std::string, std::string>> amendments; // in order

    [[nodiscard]] policy::Policy read() const {
        policy::Policy policy;
        policy::Diagnostics diagnostics;
        policy.name = name;
        policy::parse(text, name + ".toml", policy, diagnostics);
        for (const auto& [file, amendment] : amendments)
            policy::parse(amendment, file, policy, diagnostics);
        std::ranges::move(policy::check(policy), std::back_inserter(diagnostics));
        for (const auto& diagnostic : diagnostics)
            if (diagnostic.severity == policy::Diagnostic::Severity::error)
                throw std::invalid_argument(render(diagnostic) + "\n" + text);
        return policy;
    }
};

/// The table of a rule ends at an empty line: the text is the printer's.
std::string without_rule(std::string text, unsigned line, const std::string& instead) {
    std::size_t begin = 0;
    for (unsigned i = 1; i < line; i++)
        begin = text.find('\n', begin) + 1;
    EXPECT_TRUE(text.substr(begin).starts_with("[[file.rule]]\n")) << text << line;
    const auto end = text.find("\n\n", begin);
    return text.substr(0, begin) + instead + (end == std::string::npos ? "" : text.substr(end + 1));
}

void apply(std::vector<Files>& files, const std::vector<plan::Change>& changes) {
    for (const auto& change : changes) {
        auto& file = *std::ranges::find(files, change.policy, &Files::name);
        if (change.kind == plan::Change::Kind::amend)
            file.amendments.emplace_back(change.file, change.text);
        else
            file.text = without_rule(file.text, change.at.line, change.text);
    }
}

/// Takes out what `check` calls an error: it would hide what is to be seen.
policy::Policy sensible(policy::Policy policy) {
    if (policy.file && policy.file->default_.value == policy::Permission::allow)
        std::erase_if(policy.file->rules,
                      [](const auto& rule) { return rule.action == policy::Action::allow; });
    if (policy.network)
        for (auto* rules : {&policy.network->connect, &policy.network->bind, &policy.network->accept}) {
            if (policy.network->default_.value == policy::Permission::allow)
                rules->allow.clear();
            for (auto* list : {&rules->allow, &rules->deny, &rules->except})
                for (auto& endpoint : *list) {
                    static constexpr const char* protocols[] = {"any", "tcp", "udp"};
                    endpoint.text = protocols[static_cast<int>(endpoint.protocol)];
                    if (endpoint.address)
                        endpoint.text += ":" + policy::print(*endpoint.address);
                    if (rules != &policy.network->accept)
                        endpoint.text += ":" + std::to_string(endpoint.first_port) + "-" +
                                         std::to_string(endpoint.last_port);
                    else if (!endpoint.address)
                        endpoint.text += ":*";
                }
        }
    return policy;
}

struct Set {
    std::vector<Files> files;
    std::vector<policy::Policy> policies;
    plan::Plan plan;
};

std::optional<Set> read(std::vector<Files> files) {
    Set set{.files = std::move(files), .policies = {}, .plan = {}};
    for (const auto& file : set.files)
        set.policies.push_back(file.read());
    auto plan = plan::compile(set.policies, every_hook());
    if (!plan)
        return std::nullopt;
    set.plan = std::move(*plan);
    return set;
}

template<class Make>
std::optional<Set> random_set(Dice& dice, Make make) {
    std::vector<Files> files;
    for (unsigned i = 0, count = 1 + dice.roll(3); i < count; i++) {
        const auto policy = sensible(make(dice, "p" + std::to_string(i)));
        if (policy::has_errors(policy::check(policy)))
            return std::nullopt;
        files.push_back({policy.name, policy::print(policy), {}});
    }
    try {
        return read(files);
    } catch (const std::invalid_argument&) { // the check goes by files, and here is none as yet
        return std::nullopt;
    }
}

/// Answers questions of one set.
class Judge {
  public:
    explicit Judge(const Set& set) : plan_(set.plan), evaluator_(set.plan), set_(evaluator_.set_of(cgroup)) {}

    enforced_verdict operator()(const plan::Question& question) const {
        return ask(plan_, evaluator_, set_, question).verdict;
    }

  private:
    const plan::Plan& plan_;
    plan::Evaluator evaluator_;
    std::uint32_t set_;
};

std::string describe(const Set& set, const plan::Attempt& attempt, const plan::Explanation& explanation) {
    std::string text = "operation " + std::to_string(attempt.operation) + " on \"" + attempt.object + "\"\n";
    for (const auto& file : set.files)
        text += "--- " + file.name + "\n" + file.text;
    for (const auto& change : explanation.changes)
        text += "+++ " + change.file + ":" + std::to_string(change.at.line) + "\n" + change.text;
    return text + explanation.unless;
}

struct Counts {
    unsigned refused = 0, amended = 0, replaced = 0, unless = 0;
};

/// Explains the attempt, and applies what it proposes. Nothing if it was not refused.
std::optional<Set> change(const Set& before, const plan::Attempt& attempt, Counts& counts,
                          std::string& description) {
    const auto question = plan::question_of(attempt);
    EXPECT_TRUE(question) << question.error().message;
    const auto was = Judge(before)(*question);
    if (was < ENFORCED_WOULD_DENY)
        return std::nullopt;
    counts.refused++;
    const auto explanation = plan::explain(before.policies, before.plan, every_hook(), {cgroup, 0, attempt});
    description = describe(before, attempt, explanation);
    EXPECT_EQ(explanation.now, was) << description;
    EXPECT_EQ(explanation.beyond, "") << description;
    EXPECT_EQ(explanation.objections.front().verdict, was) << description;
    if (explanation.changes.empty()) {
        counts.unless++;
        EXPECT_NE(explanation.unless, "") << description;
        return std::nullopt;
    }
    for (const auto& each : explanation.changes)
        (each.kind == plan::Change::Kind::amend ? counts.amended : counts.replaced)++;
    auto files = before.files;
    apply(files, explanation.changes);
    auto after = read(std::move(files));
    EXPECT_TRUE(after) << description;
    const auto least = ENFORCED_IS_REFUSAL(was) ? ENFORCED_DENY : ENFORCED_WOULD_DENY;
    if (after) {
        EXPECT_LT(Judge(*after)(*question), least) << description;
    }
    return after;
}

bool is_kernels(const std::string& name) {
    return name.starts_with('/') && name.find("//") == std::string::npos && !name.ends_with('/');
}

TEST(PlanExplainProperty, AChangeForAPathPermitsThatAndNothingElse) {
    static constexpr enforced_operation operations[] = {
        ENFORCED_OP_READ,   ENFORCED_OP_WRITE, ENFORCED_OP_CREATE, ENFORCED_OP_DELETE,
        ENFORCED_OP_RENAME, ENFORCED_OP_LINK,  ENFORCED_OP_ATTR,   ENFORCED_OP_RUN};
    Dice dice(20261125);
    Counts counts;
    for (unsigned round = 0; round < policies; round++) {
        const auto before = random_set(dice, random_path_policy);
        if (!before)
            continue;
        std::vector<std::string> globs;
        for (const auto& policy : before->policies)
            std::ranges::move(globs_of(policy), std::back_inserter(globs));
        const plan::Attempt attempt{operations[dice.roll(8)], random_name(dice, dice.pick(globs)), 0};
        if (!is_kernels(attempt.object))
            continue;
        std::string description;
        const auto after = change(*before, attempt, counts, description);
        if (!after)
            continue;
        const auto asked = std::get<plan::PathQuestion>(*plan::question_of(attempt));
        const bool runs = asked.access == ENFORCED_RUN;
        const Judge then(*before), now(*after);
        for (unsigned i = 0; i < neighbours; i++) {
            const std::string names[] = {asked.name, asked.name + "a", asked.name + "/a",
                                         asked.name.substr(0, asked.name.size() - 1),
                                         random_name(dice, dice.pick(globs))};
            const plan::PathQuestion other{names[dice.roll(5)],
                                           static_cast<enforced_access>(dice.roll(ENFORCED_ACCESS_COUNT))};
            // What is run is mapped, and what may not be read may not be run.
            if (other.name == asked.name &&
                (other.access == asked.access || (runs && other.access == ENFORCED_MAP) ||
                 (asked.access == ENFORCED_READ && other.access == ENFORCED_IMAGE)))
                continue;
            ASSERT_EQ(now(other), then(other)) << other.access << " of " << other.name << "\n" << description;
        }
        ASSERT_FALSE(HasFailure());
    }
    std::cout << counts.refused << " refused, " << counts.amended << " amendments, " << counts.replaced
              << " replacements, " << counts.unless << " without\n";
    EXPECT_GT(counts.amended, counts.refused / 5);
    EXPECT_GT(counts.replaced, counts.refused / 5);
    EXPECT_LT(counts.unless, counts.refused / 50);
}

TEST(PlanExplainProperty, AChangeForAnEndpointPermitsThatAndNothingElse) {
    Dice dice(20261126);
    Counts counts;
    for (unsigned round = 0; round < policies; round++) {
        const auto before = random_set(dice, random_network_policy);
        if (!before)
            continue;
        const auto near = [&] { return random_destination(dice, dice.pick(before->policies)); };
        const auto to = near();
        if (to.protocol != 6 && to.protocol != 17)
            continue;
        policy::Cidr address{.ipv6 = to.address.size() == 16, .address = {}, .prefix = 0};
        address.prefix = address.ipv6 ? 128 : 32;
        std::ranges::copy(to.address, address.address.begin());
        // Nobody connects to the unspecified address: it is the loopback address by then.
        const bool unspecified = std::ranges::all_of(to.address, [](auto byte) { return byte == 0; });
        const auto operation = unspecified || dice.one_in(2) ? ENFORCED_OP_BIND : ENFORCED_OP_CONNECT;
        const plan::Attempt attempt{
            operation,
            (to.protocol == 6 ? "tcp:" : "udp:") + policy::print(address) + ":" + std::to_string(to.port), 0};
        std::string description;
        const auto after = change(*before, attempt, counts, description);
        if (!after)
            continue;
        const auto asked = std::get<plan::NetworkQuestion>(*plan::question_of(attempt));
        const Judge then(*before), now(*after);
        for (unsigned i = 0; i < neighbours; i++) {
            const auto other = dice.one_in(2) ? near() : to;
            plan::NetworkQuestion question{dice.one_in(4) ? ENFORCED_CONNECT : asked.operation,
                                           other.protocol, other.address, other.port};
            if (dice.one_in(3))
                question.port ^= static_cast<std::uint16_t>(1U << dice.roll(16));
            if (dice.one_in(3))
                question.address[dice.roll(static_cast<unsigned>(question.address.size()))] ^= 1;
            if (question.operation == asked.operation && question.protocol == asked.protocol &&
                question.address == asked.address && question.port == asked.port)
                continue;
            ASSERT_EQ(now(question), then(question)) << description;
        }
        ASSERT_FALSE(HasFailure());
    }
    std::cout << counts.refused << " refused, " << counts.amended << " amendments, " << counts.unless
              << " without\n";
    EXPECT_GT(counts.amended, counts.refused / 2);
    EXPECT_LT(counts.unless, counts.refused / 50);
}

} // namespace
} // namespace enforced::test
