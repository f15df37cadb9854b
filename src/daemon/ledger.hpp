// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

#include "abi/event.h"
#include "base/result.hpp"
#include "daemon/occurrence.hpp"
#include "kernel/maps.hpp"

namespace enforced::daemon {

/// Sees to it that everything that the programs counted gets into the journal, once: equal occurrences merged
/// by time, their counts exact, whatever became of events, of the daemon before this one, or of the room in
/// the maps. What is in the journal is written down in maps that are pinned as well.
///
/// The programs announce the first of equal occurrences, and then one in 200 ms at most; all of them are
/// counted in `repeats`, and once more by rule in `counters`. Times are of CLOCK_BOOTTIME, in ns, as the
/// programs' are.
class Ledger {
  public:
    /// Writes an entry; its failure leaves the occurrences unaccounted for, to be written later.
    using Writer = std::function<Status(const Occurrence&, std::uint64_t count)>;

    /// The maps are a loan for as long as the ledger lives.
    Ledger(const kernel::Maps& maps, Writer writer) : maps_(maps), writer_(std::move(writer)) {}

    void take(const enforced_event& event, std::uint64_t now);

    /// Writes what is due.
    void write_due(std::uint64_t now);

    /// When that is; 0 if nothing is waiting.
    [[nodiscard]] std::uint64_t next_due() const { return due_.empty() ? 0 : due_.begin()->first; }

    /// Looks for what was counted and not announced: the event was lost, or taken by a daemon that died with
    /// it. To be called every few seconds, after all events were taken.
    void sweep(std::uint64_t now);

    /// Writes everything that was announced, due or not, and whether its event came or not.
    void write_all(std::uint64_t now);

    /// Writes everything that was counted. Only for when nobody counts any more: what is just being counted
    /// would be taken for lost.
    void close(std::uint64_t now);

  private:
    struct Waiting {
        Occurrence occurrence;
        std::uint64_t due = 0;
        std::uint64_t window = 0;
    };
    struct Counter {
        std::uint64_t unit;
        std::uint32_t rule;
        std::uint32_t verdict;
        friend auto operator<=>(const Counter&, const Counter&) = default;
    };
    using Counts = std::map<Counter, std::uint64_t>;

    void wait(std::uint64_t key, Waiting waiting);
    std::uint64_t write_one(std::uint64_t key, const Occurrence& occurrence, std::uint64_t total);
    void account(const Occurrence& occurrence, std::uint64_t count);
    Counts unexplained();
    void write_unannounced(std::uint64_t before);
    void write_unexplained();
    void forget_idle(std::uint64_t now);

    kernel::Maps const& maps_;
    Writer writer_;
    std::map<std::uint64_t, Waiting> waiting_;        // by repeat key
    std::multimap<std::uint64_t, std::uint64_t> due_; // when, repeat key
    std::map<Counter, Occurrence> samples_;           // of what had no room in `repeats`
    Counts unexplained_before_;
};

} // namespace enforced::daemon
