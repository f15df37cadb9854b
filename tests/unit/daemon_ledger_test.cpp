// SPDX-License-Identifier: GPL-2.0-or-later
// On real maps; the test does what the programs do to them.
#include "daemon/ledger.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "host/cgroup.hpp"
#include "host/mounts.hpp"
#include "kernel/enforcement.hpp"

namespace enforced::daemon {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t start = 1000 * 1000 * ms;

struct Written {
    Occurrence occurrence;
    std::uint64_t count;
};

class Ledgers : public testing::Test {
  protected:
    void SetUp() override {
        const auto root = host::find_cgroup_root(*host::read_mounts());
        if (!root)
            GTEST_SKIP() << "no cgroup2 is mounted";
        tree_.emplace(std::move(*host::CgroupTree::open(*root)));
        auto enforcement = kernel::Enforcement::open({tree_->root(), "", ""});
        if (!enforcement)
            GTEST_SKIP() << enforcement.error().message;
        enforcement_.emplace(std::move(*enforcement));
        restart();
    }

    /// The daemon dies, and another takes its place.
    void restart() {
        ledger_.emplace(enforcement_->maps(),
                        [this](const Occurrence& occurrence, std::uint64_t count) -> Status {
                            if (deaf_)
                                return failure("the journal does not answer");
                            written_.push_back({occurrence, count});
                            return {};
                        });
    }

    /// An occurrence, as the programs see it: counted, and announced unless one was just before.
    void happen(std::uint64_t key, std::uint64_t now, std::uint32_t rule = 7, bool event_is_lost = false) {
        const enforced_counter_key counter = {10, rule, ENFORCED_DENY};
        auto counters = enforcement_->maps().counters();
        auto repeats = enforcement_->maps().repeats();
        auto counted = counters.find(counter).value_or(enforced_counter{.total = 0, .announced = 0});
        counted.total++;
        (void)counters.put(counter, counted);
        happened_++;
        if (!key)
            return;
        auto repeat = repeats.find(key).value_or(enforced_repeat{.total = 0,
                                                                 .announced = 0,
                                                                 .unit = 10,
                                                                 .rule = rule,
                                                                 .verdict = ENFORCED_DENY,
                                                                 .class_ = 1,
                                                                 .operation = ENFORCED_OP_READ});
        repeat.total++;
        const bool announce = !repeat.announced || now - repeat.announced >= ENFORCED_REPEAT_WINDOW_NS;
        if (announce)
            repeat.announced = now;
        (void)repeats.put(key, repeat);
        if (!announce || event_is_lost)
            return;
        enforced_event event = {};
        event.unit = 10;
        event.rule = rule;
        event.verdict = ENFORCED_DENY;
        event.operation = ENFORCED_OP_READ;
        event.repeat = key;
        event.total = repeat.total;
        ledger_->take(event, now);
    }

    std::uint64_t sum() const {
        return std::accumulate(written_.begin(), written_.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const Written& each) { return sum + each.count; });
    }

    /// A daemon that lives on for a while, and looks every 5 s.
    void live(std::uint64_t& now, int sweeps = 3) {
        for (int i = 0; i < sweeps; i++) {
            now += 5000 * ms;
            ledger_->write_due(now);
            ledger_->sweep(now);
        }
    }

    std::optional<host::CgroupTree> tree_;
    std::optional<kernel::Enforcement> enforcement_;
    std::optional<Ledger> ledger_;
    std::vector<Written> written_;
    std::uint64_t happened_ = 0;
    bool deaf_ = false;
};

TEST_F(Ledgers, OneOccurrenceMakesOneEntrySoonAfter) {
    happen(1, start);
    ledger_->write_due(start + 249 * ms);
    EXPECT_TRUE(written_.empty());
    EXPECT_EQ(ledger_->next_due(), start + 250 * ms);
    ledger_->write_due(start + 250 * ms);
    ASSERT_EQ(written_.size(), 1u);
    EXPECT_EQ(written_[0].count, 1u);
    EXPECT_TRUE(written_[0].occurrence.detailed);
}

TEST_F(Ledgers, ABurstMakesOneEntryWithItsCount) {
    for (int i = 0; i < 100; i++)
        happen(1, start + i * ms);
    ledger_->write_due(start + 250 * ms);
    ASSERT_EQ(written_.size(), 1u);
    EXPECT_EQ(written_[0].count, 100u);
}

TEST_F(Ledgers, AStormMakesFewerAndFewerEntriesAndLosesNone) {
    std::uint64_t now = start;
    for (; now < start + 60'000 * ms; now += 10 * ms) {
        happen(1, now);
        ledger_->write_due(now);
    }
    EXPECT_LT(written_.size(), 15u);
    ledger_->write_all(now);
    EXPECT_EQ(sum(), happened_);
}

TEST_F(Ledgers, KeysAreKeptApart) {
    happen(1, start);
    happen(2, start);
    ledger_->write_due(start + 250 * ms);
    EXPECT_EQ(written_.size(), 2u);
}

TEST_F(Ledgers, WhatIsWaitingIsWrittenAtTheEnd) {
    happen(1, start);
    ledger_->write_all(start + ms);
    EXPECT_EQ(sum(), 1u);
}

TEST_F(Ledgers, WhatItsPredecessorTookIsWrittenAtTheEndAsWell) {
    happen(1, start);
    restart();
    ledger_->write_all(start + ms);
    EXPECT_EQ(sum(), 1u);
}

TEST_F(Ledgers, WhenNobodyCountsAnyMoreAllIsWritten) {
    happen(1, start);
    happen(2, start, 7, true);
    happen(0, start, 8);
    ledger_->close(start + ms);
    EXPECT_EQ(sum(), 3u);
}

TEST_F(Ledgers, ALostEventIsReportedWithItsRule) {
    std::uint64_t now = start;
    happen(1, now, 7, true);
    live(now);
    ASSERT_EQ(written_.size(), 1u);
    EXPECT_FALSE(written_[0].occurrence.detailed);
    EXPECT_EQ(written_[0].occurrence.rule, 7u);
    EXPECT_EQ(written_[0].occurrence.operation, ENFORCED_OP_READ);
}

TEST_F(Ledgers, AnEventOnItsWayIsNotTakenForLost) {
    happen(1, start, 7, true);
    ledger_->sweep(start + 500 * ms);
    EXPECT_TRUE(written_.empty());
}

TEST_F(Ledgers, KilledWithEntriesWaitingItsSuccessorWritesThem) {
    std::uint64_t now = start;
    happen(1, now);
    happen(1, now + ms);
    restart();
    live(now);
    EXPECT_EQ(sum(), happened_);
}

TEST_F(Ledgers, NothingIsWrittenTwiceAcrossARestart) {
    std::uint64_t now = start;
    happen(1, now);
    ledger_->write_due(now + 250 * ms);
    restart();
    live(now);
    happen(1, now);
    ledger_->write_all(now);
    EXPECT_EQ(sum(), happened_);
}

TEST_F(Ledgers, WhatHasNoRoomInRepeatsIsWrittenByRule) {
    std::uint64_t now = start;
    for (int i = 0; i < 9; i++)
        happen(0, now, 8);
    live(now);
    EXPECT_EQ(sum(), 9u);
    EXPECT_EQ(written_.back().occurrence.rule, 8u);
}

TEST_F(Ledgers, WhatIsCountedHalfwayIsNotCountedTwice) {
    std::uint64_t now = start;
    happen(0, now); // in `counters`, and then, after the sweep, in `repeats`
    ledger_->sweep(now);
    EXPECT_TRUE(written_.empty());
    (void)enforcement_->maps().repeats().put(1, {.total = 1,
                                                 .announced = now,
                                                 .unit = 10,
                                                 .rule = 7,
                                                 .verdict = ENFORCED_DENY,
                                                 .class_ = 1,
                                                 .operation = ENFORCED_OP_READ});
    live(now);
    EXPECT_EQ(sum(), 1u);
}

TEST_F(Ledgers, ADeafJournalLosesNothing) {
    std::uint64_t now = start;
    deaf_ = true;
    happen(1, now);
    live(now);
    EXPECT_TRUE(written_.empty());
    deaf_ = false;
    live(now);
    EXPECT_EQ(sum(), happened_);
}

TEST_F(Ledgers, MakesRoomWithoutLosingCount) {
    std::uint64_t now = start;
    for (std::uint64_t key = 1; key <= 13000; key++)
        happen(key, now);
    ledger_->write_due(now + 250 * ms);
    now += 120'000 * ms;
    live(now, 1);
    EXPECT_LT(enforcement_->maps().repeats().entries().size(), 100u);
    EXPECT_LT(enforcement_->maps().logged().entries().size(), 100u);
    happen(5, now); // known before, and forgotten
    ledger_->write_all(now);
    live(now);
    EXPECT_EQ(sum(), happened_);
}

} // namespace
} // namespace enforced::daemon
