// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/heads.hpp"

#include <gtest/gtest.h>

namespace enforced::plan {
namespace {

using Paths = std::vector<std::string>;

Heads heads_of(const char* glob) {
    return heads(*policy::parse_glob(glob));
}

TEST(PlanHeads, AWildcardEndsTheDirectory) {
    EXPECT_EQ(heads_of("/root/**").trees, (Paths{"/root"}));
    EXPECT_EQ(heads_of("/etc/shadow*").trees, (Paths{"/etc"}));
    EXPECT_EQ(heads_of("/**/x").trees, (Paths{"/"}));
    EXPECT_EQ(heads_of("/x*").trees, (Paths{"/"}));
    EXPECT_EQ(heads_of("/srv/[ab]/x").trees, (Paths{"/srv"}));
    EXPECT_TRUE(heads_of("/root/**").names.empty());
}

TEST(PlanHeads, ALiteralIsAName) {
    EXPECT_EQ(heads_of("/etc/shadow").names, (Paths{"/etc/shadow"}));
    EXPECT_TRUE(heads_of("/etc/shadow").trees.empty());
    EXPECT_EQ(heads_of("/a\\*b").names, (Paths{"/a*b"}));
}

TEST(PlanHeads, AlternativesAreExpanded) {
    const auto found = heads_of("/{etc,usr/lib}/{a,b*}");
    EXPECT_EQ(found.names, (Paths{"/etc/a", "/usr/lib/a"}));
    EXPECT_EQ(found.trees, (Paths{"/etc", "/usr/lib"}));
    EXPECT_EQ(heads_of("/home{,/**}").names, (Paths{"/home"}));
    EXPECT_EQ(heads_of("/home{,/**}").trees, (Paths{"/home"}));
}

TEST(PlanHeads, TooManyAlternativesFallBackToWhatTheyShare) {
    const auto found = heads_of("/srv/{a,b,c,d}/{a,b,c,d}/{a,b,c,d}/{a,b,c,d}/x");
    EXPECT_TRUE(found.names.empty());
    EXPECT_LE(found.trees.size(), max_heads);
    ASSERT_FALSE(found.trees.empty());
    for (const auto& tree : found.trees)
        EXPECT_TRUE(tree.starts_with("/srv/")) << tree;
}

} // namespace
} // namespace enforced::plan
