// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/possession.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "support/tree.hpp"

namespace enforced::host {
namespace {

class Possessions : public testing::Test {
  protected:
    std::vector<Possession> find(const std::vector<std::string>& own,
                                 const std::vector<std::string>& searched = {}) {
        return find_possessions(mounts_, own, searched, program_);
    }

    std::optional<Possession::Kind> kind_of(const std::vector<Possession>& found, const std::string& path) {
        const auto object = find_object(path, mounts_);
        const auto entry = std::ranges::find(found, object.value_or(Object{}), &Possession::object);
        return entry == found.end() ? std::nullopt : std::optional(entry->kind);
    }

    test::Tree tree_;
    std::vector<Mount> mounts_ = *read_mounts();
    std::string program_ = tree_.file("sbin/enforced");
};

TEST_F(Possessions, HaveWhatIsOnTheWayToThem) {
    const std::string policies = tree_.directory("etc/enforced/policy.d");
    const auto found = find({policies});
    EXPECT_EQ(kind_of(found, policies), Possession::Kind::own);
    EXPECT_EQ(kind_of(found, tree_.path("etc/enforced")), Possession::Kind::above);
    EXPECT_EQ(kind_of(found, tree_.path("etc")), Possession::Kind::above);
    EXPECT_EQ(kind_of(found, "/"), Possession::Kind::above);
    EXPECT_EQ(kind_of(found, program_), Possession::Kind::program);
}

TEST_F(Possessions, HaveAWayWhereTheyAreNotThereYet) {
    tree_.directory("etc");
    const auto found = find({tree_.path("etc/enforced")});
    EXPECT_EQ(kind_of(found, tree_.path("etc")), Possession::Kind::above);
}

TEST_F(Possessions, AreKnownByASecondNameWhereTheyAreSearched) {
    const std::string policy = tree_.file("etc/enforced/policy.d/a.toml.d/b.toml");
    const std::string other = tree_.path("other");
    ASSERT_EQ(link(policy.c_str(), other.c_str()), 0);
    const std::string directory = tree_.path("etc/enforced");
    EXPECT_FALSE(kind_of(find({directory}), other));
    EXPECT_EQ(kind_of(find({}, {directory}), other), Possession::Kind::own);
}

TEST_F(Possessions, OneMayBeOnTheWayToAnother) {
    const std::string outer = tree_.directory("one"), inner = tree_.directory("one/two");
    for (const auto& both : {std::vector{outer, inner}, std::vector{inner, outer}})
        EXPECT_EQ(kind_of(find(both), outer), Possession::Kind::own);
}

TEST_F(Possessions, ALinkOfASearchedDirectoryLeadsNowhere) {
    const std::string directory = tree_.directory("etc/enforced"), other = tree_.file("other");
    ASSERT_EQ(symlink(other.c_str(), (directory + "/link").c_str()), 0);
    EXPECT_FALSE(kind_of(find({}, {directory}), other));
}

} // namespace
} // namespace enforced::host
