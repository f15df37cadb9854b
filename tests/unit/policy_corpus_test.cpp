// SPDX-License-Identifier: GPL-2.0-or-later
/// Every file of tests/policies, through the library. Each bad one begins with what is to be said of it, in
/// lines of `# expect: LINE:COLUMN: error: ...`, of which the end may be left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "policy/merge.hpp"
#include "policy/print.hpp"
#include "support/corpus.hpp"
#include "support/source.hpp"

namespace enforced::policy {
namespace {

Merged merge_file(const std::filesystem::path& file) {
    return merge({test::source("p.toml", test::read_text(file))});
}

class Bad : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Bad, IsRefusedAsExpected) {
    const auto merged = merge_file(GetParam());
    EXPECT_TRUE(merged.policies.empty());
    std::vector<std::string> lines;
    for (const auto& each : merged.diagnostics)
        lines.push_back(render(each));
    test::expect_lines(lines, "0/p.toml", test::expectations(GetParam()));
}

class Good : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Good, IsTakenWithoutErrors) {
    const auto merged = merge_file(GetParam());
    EXPECT_EQ(merged.policies.size(), 1U);
    EXPECT_FALSE(has_errors(merged.diagnostics));
}

TEST_P(Good, PrintedAndReadAgainIsTheSame) {
    const auto merged = merge_file(GetParam());
    ASSERT_EQ(merged.policies.size(), 1U);
    const auto text = print(merged.policies[0]);
    const auto again = merge({test::source("p.toml", text)});
    ASSERT_EQ(again.policies.size(), 1U) << text;
    EXPECT_EQ(again.policies[0], merged.policies[0]) << text;
    EXPECT_EQ(print(again.policies[0]), text);
}

TEST(Corpus, IsAllThere) {
    EXPECT_GE(test::corpus("bad").size(), 145U);
    EXPECT_GE(test::corpus("good").size(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Bad, testing::ValuesIn(test::corpus("bad")), test::name_of_file);
INSTANTIATE_TEST_SUITE_P(Corpus, Good, testing::ValuesIn(test::corpus("good")), test::name_of_file);

} // namespace
} // namespace enforced::policy
