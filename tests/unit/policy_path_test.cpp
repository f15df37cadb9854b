// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/path.hpp"

#include <gtest/gtest.h>

namespace enforced::policy {
namespace {

TEST(Path, MayBeAnyNameOfTheKernels) {
    for (const auto* text :
         {"/", "/a", "/**", "/a/**/b", "/...", "/.a", "/..a", "/a.", "/a..", "/.*", "/..?", "/a{,/b}",
          "{/a,/b}/c", "/a/{.b,..c}", "/a/{.,b}c", "/a/.{b,c}", "/{a/b,c}/d", "/a*/b", "/*/b"})
        EXPECT_FALSE(check_path(text)) << text << ": " << check_path(text)->message;
}

void expect_fault(std::string_view text, std::size_t offset, std::string_view part) {
    const auto fault = check_path(text);
    ASSERT_TRUE(fault) << text;
    EXPECT_EQ(fault->offset, offset) << text;
    EXPECT_NE(fault->message.find(part), std::string::npos) << fault->message;
}

// Also where only one of the alternatives is at fault.
TEST(Path, BeginsAtTheRoot) {
    expect_fault("a", 0, "begins with");
    expect_fault("**", 0, "begins with");
    expect_fault("{/a,b}", 4, "begins with");
    EXPECT_FALSE(check_path("{,/a}/b"));
}

TEST(Path, HasNoEmptyComponent) {
    expect_fault("//", 1, "//");
    expect_fault("/a//b", 3, "//");
    expect_fault("/a/{b,/c}", 6, "//");
    expect_fault("/a{/,b}/c", 7, "//");
}

TEST(Path, HasNoDots) {
    expect_fault("/.", 1, "\".\"");
    expect_fault("/a/./b", 3, "\".\"");
    expect_fault("/a/..", 4, "\"..\"");
    expect_fault("/a/{.,b}/c", 7, "\".\"");
    expect_fault("/a/.{.,b}/c", 8, "\"..\"");
    expect_fault("/a/{.,..}", 8, "\".\"");
}

TEST(Path, HasNoTrailingSlash) {
    expect_fault("/a/", 2, "\"/a/**\"");
    expect_fault("/a/{b,}", 6, "one of the alternatives");
    expect_fault("/{,a}", 4, "one of the alternatives");
}

TEST(Path, BehindALinkIsNamed) {
    EXPECT_EQ(behind_link("/bin"), "/usr/bin");
    EXPECT_EQ(behind_link("/bin/sh"), "/usr/bin/sh");
    EXPECT_EQ(behind_link("/lib/**"), "/usr/lib/**");
    EXPECT_EQ(behind_link("/var/run/*.pid"), "/run/*.pid");
    EXPECT_EQ(behind_link("/proc/self/{mem,maps}"), "/proc/[1-9]*/{mem,maps}");
    for (const auto* text : {"/usr/bin/sh", "/binary", "/libexec/**", "/library/**", "/var/running",
                             "/proc/selfish", "/**", "/b*", "/proc/1/mem"})
        EXPECT_EQ(behind_link(text), std::nullopt) << text;
}

} // namespace
} // namespace enforced::policy
