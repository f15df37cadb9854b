// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/confdir.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/parse.hpp"
#include "support/tree.hpp"

namespace enforced::host {
namespace {

class Confdir : public testing::Test {
  protected:
    Confdir() {
        for (const char* layer : {"usr/policy.d", "run/policy.d", "etc/policy.d"})
            directories_.push_back(tree_.directory(layer));
    }

    PolicyFiles read() { return read_policies(directories_, getuid()); }

    std::string fault_of(const std::string& name) {
        const auto found = read();
        const auto source = std::find_if(found.sources.begin(), found.sources.end(),
                                         [&](const policy::Source& each) { return each.basename == name; });
        return source == found.sources.end() ? "(not found)" : source->fault;
    }

    test::Tree tree_;
    std::vector<std::string> directories_;
};

TEST_F(Confdir, ReadsEachDirectoryWithItsRank) {
    tree_.file("usr/policy.d/a.toml", "u");
    tree_.file("etc/policy.d/a.toml", "e");
    const auto found = read();
    ASSERT_EQ(found.sources.size(), 2u);
    EXPECT_EQ(found.sources[0].text, "u");
    EXPECT_EQ(found.sources[0].rank, 0u);
    EXPECT_EQ(found.sources[1].text, "e");
    EXPECT_EQ(found.sources[1].rank, 2u);
    EXPECT_EQ(found.sources[1].basename, "a.toml");
    EXPECT_EQ(found.sources[1].path, tree_.path("etc/policy.d/a.toml"));
    EXPECT_TRUE(found.errors.empty());
}

TEST_F(Confdir, ReadsAmendmentsOfAPolicy) {
    tree_.file("etc/policy.d/a.toml.d/50-local.toml", "more");
    const auto found = read();
    ASSERT_EQ(found.sources.size(), 1u);
    EXPECT_EQ(found.sources[0].amends, "a.toml");
    EXPECT_EQ(found.sources[0].basename, "50-local.toml");
}

TEST_F(Confdir, IsEmptyWhereNothingExists) {
    directories_ = {tree_.path("nowhere/policy.d"), tree_.path("etc/missing.d")};
    const auto found = read();
    EXPECT_TRUE(found.sources.empty());
    EXPECT_TRUE(found.errors.empty());
}

TEST_F(Confdir, LeavesOutWhatIsNoPolicy) {
    for (const char* name : {"a.toml~", ".a.toml.swp", ".a.toml", "a.toml.dpkg-new", "README"})
        tree_.file(std::string("etc/policy.d/") + name, "x");
    EXPECT_TRUE(read().sources.empty());
}

TEST_F(Confdir, ALinkToDevNullMasks) {
    ASSERT_EQ(symlink("/dev/null", tree_.path("etc/policy.d/a.toml").c_str()), 0);
    const auto found = read();
    ASSERT_EQ(found.sources.size(), 1u);
    EXPECT_TRUE(found.sources[0].masked);
    EXPECT_EQ(found.sources[0].fault, "");
}

TEST_F(Confdir, RefusesAnyOtherLink) {
    const std::string target = tree_.file("elsewhere.toml", "x");
    ASSERT_EQ(symlink(target.c_str(), tree_.path("etc/policy.d/a.toml").c_str()), 0);
    EXPECT_NE(fault_of("a.toml").find("symbolic link"), std::string::npos);
}

TEST_F(Confdir, RefusesAFileThatOthersCanWriteAndNamesTheCommand) {
    const std::string path = tree_.file("etc/policy.d/a.toml", "x", 0664);
    EXPECT_NE(fault_of("a.toml").find("chmod go-w " + path), std::string::npos);
}

TEST_F(Confdir, RefusesAFileOfAnotherOwnerAndNamesTheCommand) {
    if (getuid())
        GTEST_SKIP() << "needs root to give a file away";
    const std::string path = tree_.file("etc/policy.d/a.toml", "x");
    ASSERT_EQ(chown(path.c_str(), 1000, 0), 0);
    EXPECT_NE(fault_of("a.toml").find("chown root " + path), std::string::npos);
}

TEST_F(Confdir, DoesNotWaitForAFifo) {
    ASSERT_EQ(mkfifo(tree_.path("etc/policy.d/a.toml").c_str(), 0644), 0);
    EXPECT_EQ(fault_of("a.toml"), "is not a regular file");
}

TEST_F(Confdir, RefusesAFileBeyondTheLimit) {
    tree_.file("etc/policy.d/a.toml", std::string(policy::max_policy_text + 1, '#'));
    tree_.file("etc/policy.d/b.toml", std::string(policy::max_policy_text, '#'));
    EXPECT_NE(fault_of("a.toml").find("larger"), std::string::npos);
    EXPECT_EQ(fault_of("b.toml"), "");
}

TEST_F(Confdir, RefusesADirectoryThatOthersCanWrite) {
    tree_.file("etc/policy.d/a.toml", "x");
    chmod(directories_[2].c_str(), 0777);
    const auto found = read();
    EXPECT_TRUE(found.sources.empty());
    ASSERT_EQ(found.errors.size(), 1u);
    EXPECT_EQ(found.errors[0].at.file, directories_[2]);
}

TEST_F(Confdir, RefusesADirectoryBelowOneThatOthersCanWrite) {
    tree_.file("etc/policy.d/a.toml", "x");
    chmod(tree_.path("etc").c_str(), 0777);
    const auto found = read();
    EXPECT_TRUE(found.sources.empty());
    ASSERT_EQ(found.errors.size(), 1u);
    EXPECT_EQ(found.errors[0].at.file, tree_.path("etc"));
}

TEST_F(Confdir, AmendmentsThatCannotBeReadAreAFaultOfTheirPolicy) {
    tree_.directory("etc/policy.d/a.toml.d", 0777);
    const auto found = read();
    ASSERT_EQ(found.sources.size(), 1u);
    EXPECT_EQ(found.sources[0].amends, "a.toml");
    EXPECT_NE(found.sources[0].fault, "");
}

} // namespace
} // namespace enforced::host
