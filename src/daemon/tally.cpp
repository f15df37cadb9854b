// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tally.hpp"

#include <time.h>

namespace enforced::daemon {
namespace {

constexpr std::uint64_t second = 1'000'000; // µs

struct Verdict {
    enforced_verdict verdict;
    const char* name;
};

constexpr Verdict verdicts[] = {
    {ENFORCED_DENY, "refused"},          {ENFORCED_KILL, "killed"}, {ENFORCED_WOULD_DENY, "would-refuse"},
    {ENFORCED_WOULD_KILL, "would-kill"}, {ENFORCED_LOG, "audited"},
};

struct Statistic {
    enforced_statistic which;
    const char* name;
};

constexpr Statistic statistics[] = {
    {ENFORCED_STAT_EVENTS_LOST, "events-lost"},   {ENFORCED_STAT_COUNTERS_FULL, "counters-full"},
    {ENFORCED_STAT_REPEATS_FULL, "repeats-full"}, {ENFORCED_STAT_STORAGE_FAILED, "storage-failed"},
    {ENFORCED_STAT_UNITS_FULL, "units-full"},     {ENFORCED_STAT_UNRESOLVED, "unresolved"},
    {ENFORCED_STAT_SIGNALS_KEPT, "signals-kept"}, {ENFORCED_STAT_DAEMON_MOVED, "daemon-moved"},
};

const char* name_of(std::uint32_t verdict) {
    for (const Verdict& each : verdicts) {
        if (each.verdict == verdict)
            return each.name;
    }
    return "";
}

std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * second + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

} // namespace

const std::vector<bus::Hit>& Tally::hits() {
    const std::uint64_t time = now();

    if (read_ && time - read_ < second)
        return hits_;
    read_ = time;
    hits_.clear();
    for (const auto& [key, counter] : maps_.counters().entries())
        hits_.push_back({key.unit, key.rule, name_of(key.verdict), counter.total});
    return hits_;
}

std::map<std::string, std::uint64_t> Tally::counters() {
    std::map<std::string, std::uint64_t> sums;

    for (const Verdict& each : verdicts)
        sums[each.name] = 0;
    for (const bus::Hit& hit : hits())
        sums[hit.verdict] += hit.count;
    for (const Statistic& each : statistics)
        sums[each.name] = maps_.statistic(each.which);
    return sums;
}

} // namespace enforced::daemon
