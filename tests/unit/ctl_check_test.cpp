// SPDX-License-Identifier: GPL-2.0-or-later
/// The real `enforcectl check`.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/enforcectl.hpp"

namespace enforced::ctl {
namespace {

namespace fs = std::filesystem;

using test::Enforcectl;

class EnforcectlBad : public Enforcectl, public testing::WithParamInterface<fs::path> {};

TEST_P(EnforcectlBad, IsRefusedAsExpected) {
    const auto outcome = run({"check", GetParam().string()});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "");
    test::expect_lines(outcome.errors, GetParam().string(), test::expectations(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Corpus, EnforcectlBad, testing::ValuesIn(test::corpus("bad")), test::name_of_file);

class EnforcectlGood : public Enforcectl, public testing::WithParamInterface<fs::path> {};

TEST_P(EnforcectlGood, IsTaken) {
    EXPECT_EQ(run({"check", GetParam().string()}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, EnforcectlGood, testing::ValuesIn(test::corpus("good")), test::name_of_file);

constexpr const char* good = "units = [\"a.service\"]\n[exec]\nanonymous = \"deny\"\n";
constexpr const char* bad = "units = [\"a\"]\n";

TEST_F(Enforcectl, IsSilentIfAllIsWell) {
    const auto outcome = run({"check", tree_.file("a.toml", good)});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.output, "");
    EXPECT_TRUE(outcome.errors.empty());
}

TEST_F(Enforcectl, TellsOfEveryFileAndFailsIfOneIsBad) {
    const auto first = tree_.file("a.toml", bad), second = tree_.file("b.toml", good),
               third = tree_.file("c.toml", bad);
    const auto outcome = run({"check", first, second, third});
    EXPECT_EQ(outcome.status, 1);
    ASSERT_EQ(outcome.errors.size(), 2U);
    EXPECT_TRUE(outcome.errors[0].starts_with(first + ":1:11: error: "));
    EXPECT_TRUE(outcome.errors[1].starts_with(third + ":1:11: error: "));
}

TEST_F(Enforcectl, WarnsWithoutFailing) {
    const auto outcome = run({"check", tree_.file("a.toml", "units = [\"a.service\"]\n")});
    EXPECT_EQ(outcome.status, 0);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_NE(outcome.errors[0].find(": warning: "), std::string::npos);
}

TEST_F(Enforcectl, SaysWhyAFileCannotBeRead) {
    const auto missing = tree_.path("missing.toml");
    auto outcome = run({"check", missing});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.errors, std::vector{missing + ": error: cannot be read: No such file or directory"});
    const auto loop = tree_.path("loop.toml");
    fs::create_symlink("loop.toml", loop);
    outcome = run({"check", loop});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.errors,
              std::vector{loop + ": error: cannot be read: Too many levels of symbolic links"});
}

TEST_F(Enforcectl, RefusesAFileWhoseNameTheDaemonDoesNotRead) {
    for (const auto* name : {"nginx.conf", ".toml", "a b.toml", "-a.toml", ".a.toml"}) {
        const auto outcome = run({"check", tree_.file(std::string("d/") + name, good)});
        EXPECT_EQ(outcome.status, 1) << name;
        EXPECT_EQ(outcome.errors.size(), 1U) << name;
    }
}

TEST_F(Enforcectl, WarnsOfAnEmptyFile) {
    for (const auto& file : {tree_.file("a.toml"), std::string("/dev/null")}) {
        const auto outcome = run({"check", file});
        EXPECT_EQ(outcome.status, 0);
        ASSERT_EQ(outcome.errors.size(), 1U);
        EXPECT_NE(outcome.errors[0].find("warning: the file is empty"), std::string::npos);
    }
}

TEST_F(Enforcectl, ReadsADirectoryWithItsAmendments) {
    tree_.file("d/a.toml", good);
    tree_.file("d/README", "not a policy");
    const auto amendment = tree_.file("d/a.toml.d/50-x.toml", "mode = \"audit\"\nunits = [\"b\"]\n");
    auto outcome = run({"check", tree_.path("d/")});
    EXPECT_EQ(outcome.status, 1);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_TRUE(outcome.errors[0].starts_with(amendment + ":2:11: error: ")) << outcome.errors[0];
    tree_.file("d/a.toml.d/50-x.toml", "mode = \"audit\"\n");
    EXPECT_EQ(run({"check", tree_.path("d")}).status, 0);
}

TEST_F(Enforcectl, ReadsAnAmendmentAloneAsOne) {
    const auto amendment = tree_.file("d/a.toml.d/50-x.toml", "mode = \"audit\"\n");
    EXPECT_EQ(run({"check", amendment}).status, 0);
    tree_.file("d/a.toml.d/50-x.toml", "mood = \"audit\"\n");
    EXPECT_EQ(run({"check", amendment}).status, 1);
}

TEST_F(Enforcectl, SaysThatAnAmendmentHasNothingToAmend) {
    const auto amendment = tree_.file("d/a.toml.d/50-x.toml", "mode = \"audit\"\n");
    const auto outcome = run({"check", tree_.path("d")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.errors, std::vector{amendment + ": error: there is no policy \"a.toml\" to amend"});
}

TEST_F(Enforcectl, LetsALaterDirectoryWin) {
    tree_.file("low/a.toml", bad);
    tree_.file("low/b.toml", bad);
    tree_.file("high/a.toml", good);
    fs::create_symlink("/dev/null", tree_.path("high/b.toml"));
    EXPECT_EQ(run({"check", tree_.path("low"), tree_.path("high")}).status, 0);
    EXPECT_EQ(run({"check", tree_.path("high"), tree_.path("low")}).status, 1);
}

TEST_F(Enforcectl, WarnsOfADirectoryWithoutPolicies) {
    const auto directory = tree_.directory("d");
    const auto outcome = run({"check", directory});
    EXPECT_EQ(outcome.status, 0);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_TRUE(outcome.errors[0].starts_with(directory + ": warning: there is no policy here"));
}

TEST_F(Enforcectl, SaysThatADirectoryIsNoPolicy) {
    tree_.directory("d/a.toml");
    const auto outcome = run({"check", tree_.path("d")});
    EXPECT_EQ(outcome.status, 1);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_NE(outcome.errors[0].find("this is a directory"), std::string::npos);
}

TEST_F(Enforcectl, NeverWritesControlCharactersOfAFilesName) {
    const auto outcome = run({"check", tree_.file("d/\x1b[31m\n.toml", bad)});
    EXPECT_EQ(outcome.status, 1);
    for (const auto& line : outcome.errors)
        EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST_F(Enforcectl, TellsWrongUsageApartFromBadPolicies) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {}, {"chekc"}, {"check", "--quiet"}, {"--nonsense"}, {"check", "--", "--nonsense.toml"}}) {
        const auto outcome = run(arguments);
        EXPECT_EQ(outcome.status, arguments.size() == 3 ? 1 : 2);
        EXPECT_FALSE(outcome.errors.empty());
        EXPECT_EQ(outcome.output, "");
    }
}

TEST_F(Enforcectl, ExplainsItself) {
    for (const auto* option : {"--help", "--version"}) {
        const auto outcome = run({option});
        EXPECT_EQ(outcome.status, 0);
        EXPECT_NE(outcome.output.find("enforcectl"), std::string::npos);
    }
    EXPECT_NE(run({"--help"}).output.find("check"), std::string::npos);
}

} // namespace
} // namespace enforced::ctl
