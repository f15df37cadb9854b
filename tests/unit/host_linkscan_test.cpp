// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/linkscan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/tree.hpp"

namespace enforced::host {
namespace {

class LinkScan : public testing::Test {
  protected:
    std::set<std::string> found(std::size_t budget = 1000) {
        std::set<std::string> paths;
        complete_ = scan_links(tree_.path(), *read_mounts(), budget,
                               [&](const std::string& path, const Object&) { paths.insert(path); });
        return paths;
    }

    test::Tree tree_;
    bool complete_ = false;
};

TEST_F(LinkScan, FindsEveryNameOfAFileWithTwo) {
    const std::string file = tree_.file("a/b/file");
    tree_.file("a/single");
    ASSERT_EQ(link(file.c_str(), tree_.path("second").c_str()), 0);
    EXPECT_EQ(found(), (std::set{file, tree_.path("second")}));
    EXPECT_TRUE(complete_);
}

TEST_F(LinkScan, FollowsNoSymbolicLink) {
    test::Tree other;
    const std::string file = other.file("file");
    ASSERT_EQ(link(file.c_str(), other.path("second").c_str()), 0);
    ASSERT_EQ(symlink(other.path().c_str(), tree_.path("away").c_str()), 0);
    EXPECT_TRUE(found().empty());
}

TEST_F(LinkScan, SaysThatItRanOut) {
    for (int i = 0; i < 10; i++)
        tree_.file("file" + std::to_string(i));
    found(10);
    EXPECT_TRUE(complete_);
    found(9);
    EXPECT_FALSE(complete_);
}

TEST_F(LinkScan, SaysThatATreeIsTooDeep) {
    std::string path = "d";
    for (std::size_t i = 0; i < max_scan_depth; i++)
        path += "/d";
    tree_.directory(path);
    found();
    EXPECT_FALSE(complete_);
}

TEST_F(LinkScan, ATreeThatDoesNotExistHasNone) {
    std::size_t budget = 10;
    EXPECT_TRUE(scan_links(tree_.path("missing"), *read_mounts(), budget, [](const auto&, const auto&) {}));
}

} // namespace
} // namespace enforced::host
