// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/cgroup.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/mounts.hpp"
#include "support/tree.hpp"

namespace enforced::host {
namespace {

TEST(UnitOf, IsTheTopmostThatIsNoSlice) {
    EXPECT_EQ(unit_of("/system.slice/nginx.service"), "/system.slice/nginx.service");
    EXPECT_EQ(unit_of("/system.slice/nginx.service/worker/1"), "/system.slice/nginx.service");
    EXPECT_EQ(unit_of("/init.scope"), "/init.scope");
    EXPECT_EQ(unit_of("/a.slice/a-b.slice/x@1.service"), "/a.slice/a-b.slice/x@1.service");
}

TEST(UnitOf, WhatAUserMadeIsNotTheUnitItIsCalledAfter) {
    EXPECT_EQ(unit_of("/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service"),
              "/user.slice/user-1000.slice/user@1000.service");
}

TEST(UnitOf, ASliceIsTheUnitOfWhatIsInNoOther) {
    EXPECT_EQ(unit_of("/a.slice/a-b.slice"), "/a.slice/a-b.slice");
    EXPECT_EQ(unit_of("/.slice/x.service"), "/.slice");
    EXPECT_EQ(unit_of(""), "");
}

TEST(UnitName, IsTheLastComponentWithoutSystemdsEscape) {
    EXPECT_EQ(unit_name("/system.slice/nginx.service"), "nginx.service");
    EXPECT_EQ(unit_name("/system.slice/_cpu.service"), "cpu.service");
    EXPECT_EQ(unit_name("/a.slice"), "a.slice");
}

TEST(CgroupTree, ListsACgroupWithItsInodeAsId) {
    const auto mounts = read_mounts();
    const auto root = find_cgroup_root(*mounts);
    if (!root)
        GTEST_SKIP() << "no cgroup2 is mounted";
    const std::string path = "/enforced-test-" + std::to_string(getpid());
    if (mkdir((*root + path).c_str(), 0755) < 0)
        GTEST_SKIP() << "cannot make a cgroup: " << std::strerror(errno);
    struct stat status = {};
    stat((*root + path).c_str(), &status);
    const auto list = CgroupTree::open(*root)->list();
    rmdir((*root + path).c_str());
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Cgroup& each) { return each.path == path; });
    ASSERT_NE(found, list.end());
    EXPECT_EQ(found->id, status.st_ino);
    EXPECT_EQ(list.front().path, "");
}

TEST(CgroupTree, SaysWhyItCannotBeOpened) {
    const auto tree = CgroupTree::open("/nowhere");
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().message, "open the cgroup hierarchy at /nowhere: No such file or directory");
}

} // namespace
} // namespace enforced::host
