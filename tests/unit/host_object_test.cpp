// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/object.hpp"

#include <gtest/gtest.h>

#include "support/tree.hpp"

namespace enforced::host {
namespace {

class Lookup : public testing::Test {
  protected:
    std::optional<Object> find(const std::string& path) { return find_object(path, *read_mounts()); }

    test::Tree tree_;
};

TEST_F(Lookup, TwoLinksAreOneObject) {
    const std::string file = tree_.file("a/file");
    ASSERT_EQ(link(file.c_str(), tree_.path("other").c_str()), 0);
    EXPECT_TRUE(find(file));
    EXPECT_EQ(find(file), find(tree_.path("other")));
    EXPECT_NE(find(file), find(tree_.path("a")));
}

TEST_F(Lookup, HasTheInodeAndDeviceOfTheFileSystem) {
    struct stat status = {};
    const std::string file = tree_.file("file");
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(find(file)->inode, status.st_ino);
    EXPECT_NE(find(file)->device, 0u);
}

TEST_F(Lookup, FindsNothingWhereNothingIs) {
    EXPECT_FALSE(find(tree_.path("missing/file")));
    EXPECT_FALSE(find(tree_.file("file") + "/below"));
}

TEST_F(Lookup, FollowsTheLinksOfRoot) {
    if (getuid())
        GTEST_SKIP() << "needs root";
    const std::string file = tree_.file("a/file");
    ASSERT_EQ(symlink("a", tree_.path("relative").c_str()), 0);
    ASSERT_EQ(symlink(tree_.path("a").c_str(), tree_.path("absolute").c_str()), 0);
    ASSERT_EQ(symlink("../a/file", tree_.path("a/up").c_str()), 0);
    EXPECT_EQ(find(tree_.path("relative/file")), find(file));
    EXPECT_EQ(find(tree_.path("absolute/file")), find(file));
    EXPECT_EQ(find(tree_.path("a/up")), find(file));
}

TEST_F(Lookup, DoesNotFollowTheLinksOfUsers) {
    if (getuid())
        GTEST_SKIP() << "needs root to give a link away";
    tree_.file("a/file");
    const std::string trap = tree_.path("trap");
    ASSERT_EQ(symlink("a", trap.c_str()), 0);
    ASSERT_EQ(lchown(trap.c_str(), 1000, 1000), 0);
    EXPECT_FALSE(find(trap + "/file"));
    EXPECT_FALSE(find(trap));
}

TEST_F(Lookup, GivesUpOnALoopOfLinks) {
    ASSERT_EQ(symlink("loop", tree_.path("loop").c_str()), 0);
    EXPECT_FALSE(find(tree_.path("loop")));
}

} // namespace
} // namespace enforced::host
