// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/ledger.hpp"

#include <algorithm>
#include <vector>

namespace enforced::daemon {
namespace {

constexpr std::uint64_t milliseconds = 1'000'000;
constexpr std::uint64_t seconds = 1000 * milliseconds;

// Beyond the 200 ms in which the programs stay silent, so that a burst makes one entry.
constexpr std::uint64_t first_window = 250 * milliseconds;
constexpr std::uint64_t longest_window = 10 * seconds;

// An event is on its way for less than that.
constexpr std::uint64_t receipt = 1 * seconds;

// `repeats` has 16384 entries. An entry that nothing was added to for a while may go when it gets full.
constexpr std::size_t crowded = 12288;
constexpr std::uint64_t idle = 60 * seconds;

} // namespace

void Ledger::wait(std::uint64_t key, Waiting waiting) {
    due_.emplace(waiting.due, key);
    waiting_.insert_or_assign(key, std::move(waiting));
}

void Ledger::take(const enforced_event& event, std::uint64_t now) {
    if (!event.repeat) { // `repeats` is full: counted by rule only
        samples_.insert_or_assign({event.unit, event.rule, event.verdict}, describe(event));
        return;
    }
    if (!waiting_.contains(event.repeat))
        wait(event.repeat, {describe(event), now + first_window, first_window});
}

void Ledger::account(const Occurrence& occurrence, std::uint64_t count) {
    const enforced_counter_key key = {occurrence.unit, occurrence.rule, occurrence.verdict};
    auto accounted = maps_.accounted();
    // No room is no harm: these are then counted once more, as unexplained, and not left out.
    (void)accounted.put(key, accounted.find(key).value_or(0) + count);
}

/// Writes what of `total` is not in the journal yet. Returns how many that were.
std::uint64_t Ledger::write_one(std::uint64_t key, const Occurrence& occurrence, std::uint64_t total) {
    auto logged = maps_.logged();
    const std::uint64_t before = logged.find(key).value_or(0);
    // Less than before: the entry was forgotten while we died, and is counted anew.
    const std::uint64_t count = total < before ? total : total - before;

    if (!count || !writer_(occurrence, count))
        return 0;
    // To die here means an entry twice, and the other way round one that is missing.
    (void)logged.put(key, total);
    account(occurrence, count);
    return count;
}

void Ledger::write_due(std::uint64_t now) {
    while (!due_.empty() && due_.begin()->first <= now) {
        const std::uint64_t key = due_.begin()->second;
        due_.erase(due_.begin());
        auto waiting = waiting_.extract(key);
        const auto repeat = maps_.repeats().find(key);
        if (waiting.empty() || !repeat || !write_one(key, waiting.mapped().occurrence, repeat->total))
            continue; // quiet since the last entry: the next event begins anew
        waiting.mapped().window = std::min(2 * waiting.mapped().window, longest_window);
        waiting.mapped().due = now + waiting.mapped().window;
        wait(key, std::move(waiting.mapped()));
    }
}

void Ledger::write_all(std::uint64_t now) {
    for (auto& [when, key] : std::exchange(due_, {}))
        due_.emplace(now, key);
    write_due(now);
    write_unannounced(now);
}

void Ledger::close(std::uint64_t now) {
    write_all(now);
    unexplained_before_ = unexplained();
    write_unexplained();
}

/// Counted by rule, and neither in the journal nor still in `repeats`.
Ledger::Counts Ledger::unexplained() {
    Counts counts;

    // Counters first: the programs count there first, so that what they count meanwhile is rather missing
    // here than seen twice.
    for (const auto& [key, counter] : maps_.counters().entries()) {
        const std::uint64_t accounted = maps_.accounted().find(key).value_or(0);
        if (counter.total > accounted)
            counts[{key.unit, key.rule, key.verdict}] = counter.total - accounted;
    }
    if (counts.empty())
        return counts;
    for (const auto& [key, repeat] : maps_.repeats().entries()) {
        const auto found = counts.find({repeat.unit, repeat.rule, repeat.verdict});
        const std::uint64_t logged = maps_.logged().find(key).value_or(0);
        const std::uint64_t expected = repeat.total < logged ? repeat.total : repeat.total - logged;
        if (found != counts.end())
            found->second -= std::min(found->second, expected);
    }
    std::erase_if(counts, [](const auto& count) { return !count.second; });
    return counts;
}

void Ledger::write_unexplained() {
    Counts counts = unexplained();

    for (auto& [counter, count] : counts) {
        const auto before = unexplained_before_.find(counter);
        if (before == unexplained_before_.end())
            continue; // perhaps only on its way into `repeats`
        const std::uint64_t certain = std::min(before->second, count);
        const auto sample = samples_.find(counter);
        const Occurrence occurrence =
            sample == samples_.end()
                ? describe(enforced_counter_key{counter.unit, counter.rule, counter.verdict})
                : sample->second;
        if (!writer_(occurrence, certain))
            continue;
        account(occurrence, certain);
        count -= certain;
    }
    samples_.clear();
    unexplained_before_ = std::move(counts);
}

void Ledger::forget_idle(std::uint64_t now) {
    auto repeats = maps_.repeats();
    auto logged = maps_.logged();
    const auto entries = repeats.entries();

    if (entries.size() < crowded)
        return;
    for (const auto& [key, repeat] : entries) {
        if (waiting_.contains(key) || now - repeat.announced < idle)
            continue;
        const auto last = repeats.take(key);
        if (last) // something may have been added since we looked
            write_one(key, describe(*last), last->total);
        logged.remove(key);
    }
}

/// What was announced before that time, and is not waiting: nobody will bring its event any more.
void Ledger::write_unannounced(std::uint64_t before) {
    for (const auto& [key, repeat] : maps_.repeats().entries()) {
        if (!waiting_.contains(key) && repeat.announced < before)
            write_one(key, describe(repeat), repeat.total);
    }
}

void Ledger::sweep(std::uint64_t now) {
    write_unannounced(now - receipt);
    write_unexplained();
    forget_idle(now);
}

} // namespace enforced::daemon
