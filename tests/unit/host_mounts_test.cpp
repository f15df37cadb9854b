// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/mounts.hpp"

#include <gtest/gtest.h>

namespace enforced::host {
namespace {

TEST(Mountinfo, ReadsALineWithAnyNumberOfOptions) {
    const auto mounts = parse_mountinfo(
        "36 35 98:1 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue\n"
        "37 35 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    ASSERT_EQ(mounts.size(), 2u);
    EXPECT_EQ(mounts[0].id, 36);
    EXPECT_EQ(mounts[0].device, 98u << 20 | 1);
    EXPECT_EQ(mounts[0].root, "/mnt1");
    EXPECT_EQ(mounts[0].point, "/mnt2");
    EXPECT_EQ(mounts[0].type, "ext3");
    EXPECT_EQ(mounts[1].type, "cgroup2");
    EXPECT_EQ(find_cgroup_root(mounts), "/sys/fs/cgroup");
}

TEST(Mountinfo, ResolvesTheKernelsEscapes) {
    const auto mounts = parse_mountinfo("1 2 0:3 / /a\\040b\\134c\\012 rw - tmpfs t rw\n");
    ASSERT_EQ(mounts.size(), 1u);
    EXPECT_EQ(mounts[0].point, "/a b\\c\n");
}

TEST(Mountinfo, LeavesOutWhatItDoesNotUnderstand) {
    EXPECT_TRUE(parse_mountinfo("what\n36 35 98-1 / / rw - ext3 x rw\n36 35 98:1 / / rw\n\n").empty());
}

TEST(Mountinfo, ABindMountOfACgroupIsNotTheHierarchy) {
    EXPECT_FALSE(find_cgroup_root(parse_mountinfo("1 2 0:3 /a /sys/fs/cgroup rw - cgroup2 c rw\n")));
}

TEST(Mountinfo, OfThisMachineHasARoot) {
    const auto mounts = read_mounts();
    ASSERT_TRUE(mounts);
    bool root = false;
    for (const Mount& mount : *mounts)
        root = root || mount.point == "/";
    EXPECT_TRUE(root);
}

} // namespace
} // namespace enforced::host
