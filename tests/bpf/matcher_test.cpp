// SPDX-License-Identifier: GPL-2.0-or-later
/// The matcher under this machine's kernel, on the bytes that the daemon would load, against the meaning of
/// random policies.
#include "matcher_test.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "matcher_test.skel.h"
#include "plan/compile.hpp"
#include "plan/encode.hpp"
#include "plan/evaluate.hpp"
#include "support/naive.hpp"
#include "support/policy.hpp"
#include "support/random_policy.hpp"

namespace enforced::test {
namespace {

struct Destroy {
    void operator()(matcher_test_bpf* skeleton) const { matcher_test_bpf__destroy(skeleton); }
};

constexpr unsigned rounds = 50;

class Matcher : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0)
            GTEST_SKIP() << "only root may load BPF programs";
        skeleton_.reset(matcher_test_bpf__open_and_load());
        ASSERT_TRUE(skeleton_) << "the kernel does not load the matcher";
    }

    /// Compiles the policies and puts the tables where the daemon would.
    void load(const std::vector<policy::Policy>& policies, unsigned parity) {
        auto plan = plan::compile(policies, every_hook());
        ASSERT_TRUE(plan) << plan.error().message;
        plan_ = std::move(*plan);
        encoded_ = plan::encode(plan_, parity);
        for (const auto& bank : encoded_.banks) {
            std::vector<std::uint64_t> cells(*bank.cells);
            cells.resize(ENFORCED_BANK_CELLS);
            ASSERT_EQ(
                bpf_map_update_elem(bpf_map__fd(skeleton_->maps.banks), &bank.index, cells.data(), BPF_ANY),
                0);
        }
    }

    matcher_question question(const enforced_set& set, const enforced_dfa& dfa, std::uint32_t width,
                              std::string_view bytes) {
        matcher_question question{};
        question.dfa = dfa;
        question.bank = set.bank;
        question.width = width;
        question.rules = set.rules;
        question.length = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), MATCHER_BYTES_MAX));
        std::copy_n(bytes.begin(), question.length, question.bytes);
        return question;
    }

    /// Lets the kernel answer.
    void ask(std::vector<matcher_question>& questions) {
        const int map = bpf_map__fd(skeleton_->maps.questions);
        for (std::uint32_t begin = 0; begin < questions.size(); begin += MATCHER_BATCH) {
            const auto count = std::min<std::uint32_t>(MATCHER_BATCH, questions.size() - begin);
            for (std::uint32_t i = 0; i < count; i++)
                ASSERT_EQ(bpf_map_update_elem(map, &i, &questions[begin + i], BPF_ANY), 0);
            LIBBPF_OPTS(bpf_test_run_opts, options);
            ASSERT_EQ(bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.matcher), &options), 0);
            for (std::uint32_t i = 0; i < count; i++) {
                ASSERT_EQ(bpf_map_lookup_elem(map, &i, &questions[begin + i]), 0);
                ASSERT_EQ(questions[begin + i].answered, 1U);
            }
        }
    }

    NaiveAnswer spell(const matcher_question& question, std::uint32_t column) const {
        return spell_out(plan_, {static_cast<enforced_verdict>(ENFORCED_CELL_HIGH(question.row[column])),
                                 question.ids[column]});
    }

    std::unique_ptr<matcher_test_bpf, Destroy> skeleton_;
    plan::Plan plan_;
    plan::Encoded encoded_;
};

TEST_F(Matcher, PathsMeanInTheKernelWhatPoliciesSay) {
    Dice dice(20240601);
    std::size_t pairs = 0;
    for (unsigned round = 0; round < rounds; round++) {
        std::vector policies{random_path_policy(dice, "a"), random_path_policy(dice, "b")};
        ASSERT_NO_FATAL_FAILURE(load(policies, round % 2));
        const auto& set = encoded_.sets.front().value;
        if (set.paths.start == 0)
            continue;
        auto globs = globs_of(policies[0]);
        std::ranges::move(globs_of(policies[1]), std::back_inserter(globs));
        std::vector<std::string> names;
        std::vector<matcher_question> questions;
        for (unsigned i = 0; i < 2 * MATCHER_BATCH; i++) {
            names.push_back(random_name(dice, dice.pick(globs)));
            questions.push_back(question(set, set.paths, ENFORCED_PATH_ROW_CELLS, names.back()));
        }
        ASSERT_NO_FATAL_FAILURE(ask(questions));
        for (std::size_t i = 0; i < questions.size(); i++, pairs++)
            for (std::uint32_t bit = 0; bit < ENFORCED_ACCESS_COUNT; bit++) {
                const auto access = static_cast<enforced_access>(bit);
                ASSERT_EQ(spell(questions[i], ENFORCED_ROW_BY_NAME + bit),
                          naive_by_name(policies, names[i], access))
                    << names[i];
                ASSERT_EQ(spell(questions[i], ENFORCED_ROW_BY_IDENTITY + bit),
                          naive_by_identity(policies, names[i], access))
                    << names[i];
            }
    }
    std::cout << pairs << " pairs of policies and names\n";
    EXPECT_GE(pairs, 10000U);
}

TEST_F(Matcher, NetworksMeanInTheKernelWhatPoliciesSay) {
    Dice dice(20240602);
    std::size_t pairs = 0;
    for (unsigned round = 0; round < rounds; round++) {
        std::vector policies{random_network_policy(dice, "a"), random_network_policy(dice, "b")};
        ASSERT_NO_FATAL_FAILURE(load(policies, round % 2));
        const auto& set = encoded_.sets.front().value;
        if (set.network.start == 0)
            continue;
        std::vector<std::pair<RandomDestination, enforced_network_op>> destinations;
        std::vector<matcher_question> questions;
        for (unsigned i = 0; i < 2 * MATCHER_BATCH; i++) {
            const auto operation = dice.one_in(2) ? ENFORCED_CONNECT : ENFORCED_BIND;
            const auto to = random_destination(dice, dice.pick(policies));
            std::string bytes{static_cast<char>(operation), static_cast<char>(to.protocol),
                              to.address.size() == 4 ? '\x04' : '\x06'};
            bytes.append(to.address.begin(), to.address.end());
            bytes += static_cast<char>(to.port >> 8);
            bytes += static_cast<char>(to.port & 0xff);
            destinations.emplace_back(to, operation);
            questions.push_back(question(set, set.network, ENFORCED_NETWORK_ROW_CELLS, bytes));
        }
        ASSERT_NO_FATAL_FAILURE(ask(questions));
        for (std::size_t i = 0; i < questions.size(); i++, pairs++) {
            const auto& [to, operation] = destinations[i];
            ASSERT_EQ(spell(questions[i], 0),
                      naive_network(policies, {operation, to.protocol, to.address, to.port}));
        }
    }
    std::cout << pairs << " pairs of policies and destinations\n";
    EXPECT_GE(pairs, 10000U);
}

TEST_F(Matcher, UnitsFindTheirSets) {
    const std::vector policies{policy_for("web", {"nginx.service", "web-*.slice"}),
                               policy_for("all", {"*.service"})};
    for (const unsigned parity : {0U, 1U}) {
        ASSERT_NO_FATAL_FAILURE(load(policies, parity));
        const plan::Evaluator evaluator(plan_);
        const std::vector<std::string> paths{"/system.slice/nginx.service",
                                             "/system.slice/sshd.service",
                                             "/web.slice/web-a.slice/x.service",
                                             "/web.slice/web-a.slice/x.scope",
                                             "/init.scope",
                                             "/system.slice/enforced.service"};
        std::vector<matcher_question> questions;
        enforced_set where{};
        where.bank = encoded_.names.bank;
        for (const auto& path : paths)
            questions.push_back(question(where, encoded_.names.dfa, 0, path));
        ASSERT_NO_FATAL_FAILURE(ask(questions));
        for (std::size_t i = 0; i < paths.size(); i++)
            EXPECT_EQ(ENFORCED_CELL_LOW(questions[i].accept), evaluator.set_of(paths[i])) << paths[i];
        EXPECT_NE(ENFORCED_CELL_LOW(questions[0].accept), 0U);
        EXPECT_EQ(ENFORCED_CELL_LOW(questions[4].accept), 0U);
    }
}

TEST_F(Matcher, GarbageStaysWithinItsBank) {
    // The kernel accepts the program because every index is masked; what it reads then is nonsense, not more.
    Dice dice(20240603);
    std::vector<std::uint64_t> cells(ENFORCED_BANK_CELLS);
    for (auto& cell : cells)
        cell = std::uint64_t{dice.roll(~0U)} << 32 | dice.roll(~0U);
    const std::uint32_t index = 0;
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(skeleton_->maps.banks), &index, cells.data(), BPF_ANY), 0);
    enforced_set set{};
    set.rules = ~0U;
    std::vector<matcher_question> questions;
    for (unsigned i = 0; i < MATCHER_BATCH; i++)
        questions.push_back(question(set, {dice.roll(~0U), dice.roll(~0U), dice.roll(~0U), dice.roll(~0U)},
                                     ENFORCED_PATH_ROW_CELLS, random_name(dice, "/**")));
    ask(questions);
}

} // namespace
} // namespace enforced::test
