// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/weakness.hpp"

#include <gtest/gtest.h>

#include "daemon/message.hpp"

namespace enforced::daemon {
namespace {

constexpr std::uint64_t start = 5'000'000;

std::vector<std::string> ids_of(const std::vector<Entry>& entries) {
    std::vector<std::string> ids;
    for (const Entry& entry : entries)
        ids.emplace_back(entry.field("MESSAGE_ID"));
    return ids;
}

using Ids = std::vector<std::string>;

TEST(Weaknesses, AConditionIsToldOfWhenItComesAndWhenItGoes) {
    Weaknesses weaknesses;
    weaknesses.hold("map-units", std::nullopt);
    EXPECT_TRUE(weaknesses.take_changes().empty());
    weaknesses.hold("map-units", "the map is full");
    weaknesses.hold("map-units", "the map is even fuller");
    const auto entries = weaknesses.take_changes();
    ASSERT_EQ(ids_of(entries), Ids{message::weakened});
    EXPECT_EQ(entries[0].field("MESSAGE"), "the map is full");
    EXPECT_EQ(entries[0].field("ENFORCED_WEAKNESS"), "map-units");
    EXPECT_EQ(weaknesses.all().at("map-units"), "the map is even fuller");
    weaknesses.hold("map-units", std::nullopt);
    EXPECT_EQ(ids_of(weaknesses.take_changes()), Ids{message::strengthened});
    EXPECT_TRUE(weaknesses.all().empty());
}

TEST(Weaknesses, WhatIsNotEnforcedIsAnAlert) {
    Weaknesses weaknesses;
    weaknesses.hold("not-asked", "nobody asks", true);
    EXPECT_EQ(weaknesses.take_changes().at(0).field("PRIORITY"), std::to_string(LOG_ALERT));
}

TEST(Weaknesses, WhatHappenedCountsForAWhile) {
    Weaknesses weaknesses;
    weaknesses.count("events-lost", 7, "events were lost", start);
    EXPECT_TRUE(weaknesses.all().empty()) << "that was before";
    weaknesses.count("events-lost", 9, "events were lost", start + 1);
    EXPECT_EQ(weaknesses.all().at("events-lost"), "9 events were lost");
    weaknesses.count("events-lost", 12, "events were lost", start + 2);
    EXPECT_EQ(ids_of(weaknesses.take_changes()), Ids{message::weakened}) << "once";
    weaknesses.count("events-lost", 12, "events were lost", start + 1 + Weaknesses::memory);
    EXPECT_FALSE(weaknesses.all().empty());
    weaknesses.count("events-lost", 12, "events were lost", start + 2 + Weaknesses::memory);
    EXPECT_EQ(ids_of(weaknesses.take_changes()), Ids{message::strengthened});
}

TEST(Weaknesses, ACountThatBeginsAnewIsNone) {
    Weaknesses weaknesses;
    weaknesses.count("programs-skipped", 5, "times", start);
    weaknesses.count("programs-skipped", 0, "times", start + 1); // programs of another version
    EXPECT_TRUE(weaknesses.all().empty());
}

} // namespace
} // namespace enforced::daemon
