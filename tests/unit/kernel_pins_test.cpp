// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pins.hpp"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "kernel/maps.hpp"
#include "support/bpffs.hpp"

namespace enforced::kernel {
namespace {

class Pinning : public testing::Test {
  protected:
    void SetUp() override {
        if (!bpffs_.mounted)
            GTEST_SKIP() << "cannot mount a BPF file system";
    }

    static std::map<std::string, Fd> some_maps() {
        std::map<std::string, Fd> maps;
        for (const MapShape& shape : own_shapes()) {
            auto map = create_map(shape);
            if (map)
                maps.emplace(shape.name, std::move(*map));
        }
        return maps;
    }

    Pins lock() { return std::move(*Pins::lock(bpffs_.pins())); }

    test::Bpffs bpffs_;
};

TEST_F(Pinning, FindsWhatItPinned) {
    Pins pins = lock();
    EXPECT_TRUE(pins.open_maps()->empty());
    ASSERT_TRUE(pins.pin_maps(some_maps()));
    EXPECT_EQ(pins.open_maps()->size(), own_shapes().size());
}

TEST_F(Pinning, HasOneOwner) {
    const Pins pins = lock();
    const auto second = Pins::lock(bpffs_.pins());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EWOULDBLOCK);
}

TEST_F(Pinning, TheDirectoryIsClosedToOthers) {
    const Pins pins = lock();
    struct stat status = {};
    ASSERT_EQ(stat(bpffs_.pins().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700u);
}

TEST_F(Pinning, OneThatDiedWhilePinningLeavesNothing) {
    Pins pins = lock();
    const auto maps = some_maps();
    ASSERT_EQ(mkdir((bpffs_.pins() + "/maps_new").c_str(), 0700), 0);
    ASSERT_EQ(bpf_obj_pin(maps.at("rules").get(), (bpffs_.pins() + "/maps_new/rules").c_str()), 0);
    EXPECT_TRUE(pins.open_maps()->empty());
    ASSERT_TRUE(pins.pin_maps(maps));
    EXPECT_EQ(pins.open_maps()->size(), maps.size());
}

TEST_F(Pinning, NamesAPinThatIsNoLink) {
    Pins pins = lock();
    const auto maps = some_maps();
    ASSERT_EQ(bpf_obj_pin(maps.at("rules").get(), pins.link_path("file_open").c_str()), 0);
    const auto links = pins.open_links();
    ASSERT_FALSE(links);
    EXPECT_EQ(links.error().message, pins.link_path("file_open") + " is not a link");
}

TEST_F(Pinning, RemovesAll) {
    {
        Pins pins = lock();
        ASSERT_TRUE(pins.pin_maps(some_maps()));
        EXPECT_TRUE(pins.remove_links());
        EXPECT_TRUE(pins.remove_rest());
    }
    EXPECT_NE(access(bpffs_.pins().c_str(), F_OK), 0);
}

TEST(Bpffs, SaysWhatToDoWhereItCannotBeMounted) {
    const auto mounted = ensure_bpffs("/nowhere");
    ASSERT_FALSE(mounted);
    EXPECT_NE(mounted.error().message.find("mount -t bpf bpf /nowhere"), std::string::npos);
}

} // namespace
} // namespace enforced::kernel
