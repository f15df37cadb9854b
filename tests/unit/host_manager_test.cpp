// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/manager.hpp"

#include <gtest/gtest.h>

namespace enforced::host {
namespace {

TEST(InSetup, IsAChildOfPid1ThatIsNotAUnitsProgramYet) {
    EXPECT_TRUE(is_in_setup("77 ((nginx)) S 1 77 77 0 -1 4194560"));
    EXPECT_TRUE(is_in_setup("77 ((a) b)) S 1 77 77 0"));
}

TEST(InSetup, IsNothingElse) {
    EXPECT_FALSE(is_in_setup("77 (nginx) S 1 77 77 0 -1 4194560"));
    EXPECT_FALSE(is_in_setup("78 ((sd-pam)) S 770 770 770 0 -1 1077936448"));
    EXPECT_FALSE(is_in_setup("78 ((x)) S 11 1 1 0 -1"));
    EXPECT_FALSE(is_in_setup(""));
    EXPECT_FALSE(is_in_setup(")("));
    EXPECT_FALSE(is_in_setup("1 ((x))"));
    EXPECT_FALSE(is_in_setup("1 ()"));
}

} // namespace
} // namespace enforced::host
