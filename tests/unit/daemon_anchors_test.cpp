// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/anchors.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "host/object.hpp"
#include "plan/compile.hpp"
#include "policy/parse.hpp"
#include "support/tree.hpp"

namespace enforced::daemon {
namespace {

class FoundIn : public testing::Test {
  protected:
    plan::Plan deny(const std::string& glob) {
        policy::Policy policy;
        policy::Diagnostics diagnostics;
        plan::Facts facts;
        policy.name = "test";
        policy::parse("units = [\"x.service\"]\n[[file.rule]]\npath = [\"" + glob +
                          "\"]\naccess = [\"read\"]\naction = \"deny\"\n",
                      "test.toml", policy, diagnostics);
        facts.hooks.set();
        return *plan::compile(std::vector{policy}, facts);
    }

    bool has(const std::vector<kernel::Identity>& identities, const std::string& path) {
        const auto object = host::find_object(path, *host::read_mounts());
        return std::ranges::any_of(identities, [&](const kernel::Identity& identity) {
            return object && identity.inode == object->inode && identity.device == object->device &&
                   identity.state;
        });
    }

    test::Tree tree_;
};

TEST_F(FoundIn, TheDirectoryThatARuleNames) {
    tree_.directory("private");
    tree_.directory("public");
    const auto found = find_anchors(deny(tree_.path("private/**")), *host::read_mounts());
    EXPECT_TRUE(has(found, tree_.path("private")));
    EXPECT_FALSE(has(found, tree_.path("public")));
}

TEST_F(FoundIn, NothingWhereNothingIsYetButThePathIsKnown) {
    const auto plan = deny(tree_.path("private/**"));
    EXPECT_TRUE(find_anchors(plan, *host::read_mounts()).empty());
    const auto paths = anchor_paths(plan);
    EXPECT_NE(std::ranges::find(paths, tree_.path("private")), paths.end());
}

TEST_F(FoundIn, ASecondLinkToAFileThatARuleNames) {
    const std::string secret = tree_.file("private/secret");
    tree_.file("private/single");
    const std::string harmless = tree_.file("public/harmless");
    ASSERT_EQ(link(secret.c_str(), tree_.path("second").c_str()), 0);
    ASSERT_EQ(link(harmless.c_str(), tree_.path("other").c_str()), 0);
    const auto found = scan_for_links(deny(tree_.path("private/**")), *host::read_mounts());
    EXPECT_TRUE(has(found.identities, tree_.path("second")));
    EXPECT_FALSE(has(found.identities, tree_.path("private/single")));
    EXPECT_FALSE(has(found.identities, harmless));
    EXPECT_TRUE(found.unfinished.empty());
}

} // namespace
} // namespace enforced::daemon
