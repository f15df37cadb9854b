// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/archive.hpp"

#include <gtest/gtest.h>

#include "daemon/wording.hpp"

namespace enforced::daemon {
namespace {

Archive archive() {
    policy::Source policy, mask;
    policy.path = "/etc/enforced/policy.d/a\xff.toml";
    policy.basename = "a\xff.toml";
    policy.rank = 2;
    policy.amends = "b.toml";
    policy.text = "units = [\"x.service\"] # gr\xc3\xbc\xc3\x9f \x80\xff\n";
    mask.path = "/run/x";
    mask.masked = true;
    mask.fault = "why";
    return {7, true, {policy, mask}, {"left"}, {{"mine", 1000}}};
}

TEST(Archive, ComesBackAsItWas) {
    const auto read = read_archive(write_archive(archive()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, archive());
}

TEST(Record, ComesBackAsItWas) {
    for (const bus::Verb verb : {bus::Verb::reload, bus::Verb::load, bus::Verb::unload, bus::Verb::mode,
                                 bus::Verb::make_permanent, bus::Verb::release}) {
        const Record record{{"id", {verb, "a", {}, "audit"}, {":1.5", 1000}, {5'000'000, true}, 123456789012},
                            "bus",
                            archive(),
                            {{"/run/a", "text\xff", false}, {"/run/b", {}, true}, {"/run/c", {}, false}}};
        const auto read = read_record(write_record(record));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, record);
    }
}

TEST(Archive, ThatIsDamagedIsAnError) {
    const std::string good = write_archive(archive());
    for (std::size_t length = 0; length < good.size(); length += 7)
        EXPECT_FALSE(read_archive(good.substr(0, length))) << length;
    for (const char* text :
         {"{}", "[]", "null", "{\"version\":2}", "{\"version\":1,\"generation\":\"x\"}", "\xff"}) {
        EXPECT_FALSE(read_archive(text)) << text;
        EXPECT_FALSE(read_record(text)) << text;
    }
}

TEST(Wording, SaysHowLong) {
    EXPECT_EQ(duration(0), "0 s");
    EXPECT_EQ(duration(1), "1 s");
    EXPECT_EQ(duration(60'000'000), "1 min");
    EXPECT_EQ(duration(303'000'000), "5 min 3 s");
    EXPECT_EQ(duration(3'600'000'000), "1 h");
    EXPECT_EQ(duration(24 * 3'600'000'000ULL), "24 h");
}

} // namespace
} // namespace enforced::daemon
