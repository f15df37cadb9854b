// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/vigil.hpp"

#include <time.h>

#include <fmt/format.h>

namespace enforced::daemon {
namespace {

struct Loss {
    enforced_statistic which;
    const char* key;
    const char* text;
};

constexpr Loss losses[] = {
    {ENFORCED_STAT_EVENTS_LOST, "events-lost",
     "events found no room on their way to the daemon; what they tell of was refused and is counted, but "
     "its object is not known"},
    {ENFORCED_STAT_COUNTERS_FULL, "counters-full",
     "operations were refused and not counted, as there is no room for more counters"},
    {ENFORCED_STAT_STORAGE_FAILED, "storage-failed",
     "times there was no memory for a task's label or for judging, or another task had that locked (before "
     "Linux 6.2 with preempt=full): the operation was refused, or judged by the task's control group"},
    {ENFORCED_STAT_UNITS_FULL, "units-full",
     "times there was no room to remember a unit or control group: it is looked up each time"},
    {ENFORCED_STAT_SIGNALS_KEPT, "signals-kept", "signals that files were to send enforced were kept off it"},
    {ENFORCED_STAT_DAEMON_MOVED, "daemon-moved", "times a governed process moved enforced elsewhere"},
};

constexpr std::size_t pressing = 80; // percent

std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

} // namespace

bool Vigil::tell() {
    const auto changes = weaknesses_.take_changes();
    for (const Entry& entry : changes)
        say_(entry);
    return !changes.empty();
}

bool Vigil::look() {
    std::uint64_t misses = 0;
    std::string where;

    for (const Loss& loss : losses)
        weaknesses_.count(loss.key, enforcement_.maps().statistic(loss.which), loss.text, now());
    for (const kernel::Misses& each : enforcement_.misses()) {
        misses += each.count;
        where += (where.empty() ? "" : ", ") + each.hook;
    }
    weaknesses_.count("programs-skipped", misses,
                      fmt::format("times the kernel did not run a program, since it was running already ({})",
                                  where.empty() ? "none" : where),
                      now());
    return tell();
}

bool Vigil::inspect() {
    enforcement_.forget_launches();
    for (const kernel::Fill& each : enforcement_.fills()) {
        const bool full = each.entries * 100 >= each.room * pressing;
        weaknesses_.hold("map-" + each.map,
                         full ? std::optional(fmt::format("the map {} holds {} entries of {}", each.map,
                                                          each.entries, each.room))
                              : std::nullopt);
    }
    const auto checked = enforcement_.check_hooks();
    if (!checked) {
        weaknesses_.hold("unchecked",
                         "whether the kernel still asks could not be found out: " + checked.error().message);
        return tell();
    }
    weaknesses_.hold("unchecked", std::nullopt);
    std::string lost, again;
    for (const kernel::Deafness& each : *checked)
        (each.mended ? again : lost) += fmt::format(" {} ({});", each.hook, each.reason);
    weaknesses_.hold("not-asked",
                     lost.empty() ? std::nullopt
                                  : std::optional("what policies need is not enforced any more, since the "
                                                  "kernel does not ask:" +
                                                  lost + " systemctl restart enforced may help"),
                     true);
    if (!again.empty())
        say_(
            Entry(LOG_WARNING, nullptr,
                  "the kernel did not ask any more, and does again now that the programs are attached anew:" +
                      again));
    return tell();
}

} // namespace enforced::daemon
