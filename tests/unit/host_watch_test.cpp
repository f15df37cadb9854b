// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/watch.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/tree.hpp"

namespace enforced::host {
namespace {

class Watching : public testing::Test {
  protected:
    Watching() : watch_(std::move(*Watch::create())) {}

    void watch(const std::string& path) { watch_.set(std::vector{path}); }

    test::Tree tree_;
    Watch watch_;
};

TEST_F(Watching, SeesThatThePathComesToBe) {
    tree_.directory("a");
    watch(tree_.path("a/file"));
    EXPECT_FALSE(watch_.changed());
    tree_.file("a/file");
    EXPECT_TRUE(watch_.changed());
    EXPECT_FALSE(watch_.changed());
}

TEST_F(Watching, SeesThatADirectoryAboveComesToBe) {
    watch(tree_.path("a/b/file"));
    tree_.directory("a");
    EXPECT_TRUE(watch_.changed());
}

TEST_F(Watching, SeesThatAnotherTakesItsPlace) {
    const std::string path = tree_.file("a/file");
    const std::string other = tree_.file("other");
    watch(path);
    ASSERT_EQ(rename(other.c_str(), path.c_str()), 0);
    EXPECT_TRUE(watch_.changed());
    ASSERT_EQ(rename(tree_.path("a").c_str(), tree_.path("b").c_str()), 0);
    EXPECT_TRUE(watch_.changed());
}

TEST_F(Watching, IsNotDisturbedByNeighbours) {
    tree_.directory("a");
    watch(tree_.path("a/file"));
    tree_.file("a/neighbour");
    tree_.file("neighbour");
    EXPECT_FALSE(watch_.changed());
}

TEST_F(Watching, ForgetsWhatIsNoLongerWatched) {
    tree_.directory("a");
    watch(tree_.path("a/file"));
    watch(tree_.path("b/file"));
    tree_.file("a/file");
    EXPECT_FALSE(watch_.changed());
}

} // namespace
} // namespace enforced::host
