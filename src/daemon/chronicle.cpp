// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/chronicle.hpp"

#include <time.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "daemon/message.hpp"
#include "daemon/refusal.hpp"
#include "daemon/trespass.hpp"
#include "kernel/rules.hpp"
#include "plan/manager.hpp"

namespace enforced::daemon {
namespace {

struct Loss {
    enforced_statistic which;
    const char* text;
};

constexpr Loss losses[] = {
    {ENFORCED_STAT_EVENTS_LOST, "events were lost, as there were too many at once; they are counted, and "
                                "stand in the journal without their "
                                "objects"},
    {ENFORCED_STAT_COUNTERS_FULL, "events are not counted, as too many rules and units have counters"},
    {ENFORCED_STAT_REPEATS_FULL, "events were merged by rule only, as there were too many objects"},
    {ENFORCED_STAT_STORAGE_FAILED,
     "operations met a kernel without memory for labels, and were judged without or refused"},
    {ENFORCED_STAT_UNITS_FULL, "times there was no room to enter a unit or a cgroup"},
    {ENFORCED_STAT_SIGNALS_KEPT, "signals that files were to send enforced were kept off it"},
    {ENFORCED_STAT_DAEMON_MOVED,
     "times a governed process moved enforced out of its control group, and was killed"},
};

/// CLOCK_BOOTTIME in ns, which the programs use.
std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

/// The path of its cgroup; empty if the unit was forgotten.
std::string path_of_unit(const kernel::Maps& maps, std::uint64_t id) {
    const auto unit = maps.units().find(id);

    if (!unit)
        return {};
    return plan::unit_path({unit->path, std::min<std::size_t>(unit->path_length, sizeof(unit->path))});
}

} // namespace

Chronicle::Chronicle(const kernel::Maps& maps, Journal journal)
    : maps_(maps), journal_(std::move(journal)),
      ledger_(maps, [this](const Occurrence& occurrence, std::uint64_t count) {
          return write(occurrence, count);
      }) {}

Result<std::unique_ptr<Chronicle>> Chronicle::open(const kernel::Maps& maps, Journal journal) {
    std::unique_ptr<Chronicle> chronicle(new Chronicle(maps, std::move(journal)));
    auto events =
        kernel::Events::open(maps.fd("events"), [ledger = &chronicle->ledger_](const enforced_event& event) {
            ledger->take(event, now());
        });

    if (!events)
        return std::unexpected(events.error());
    chronicle->events_.emplace(std::move(*events));
    return chronicle;
}

Status Chronicle::write(const Occurrence& occurrence, std::uint64_t count) const {
    const auto kept = maps_.rules().find(occurrence.rule);
    auto rule = kept ? std::optional(kernel::recall(occurrence.rule, *kept)) : std::nullopt;

    if (!occurrence.rule)
        rule = self_protection_rule();
    return journal_(refusal_entry(occurrence, count, rule, path_of_unit(maps_, occurrence.unit)));
}

Status Chronicle::take() {
    auto taken = events_->consume();
    ledger_.write_due(now());
    return taken ? Status{} : std::unexpected(taken.error());
}

std::optional<std::uint64_t> Chronicle::next_due() const {
    const std::uint64_t due = ledger_.next_due(), time = now();

    if (!due)
        return {};
    return due > time ? (due - time) / 1000 + 1 : 0;
}

Status Chronicle::sweep() {
    auto taken = take();
    ledger_.sweep(now());
    report_losses();
    return taken;
}

Status Chronicle::finish() {
    auto taken = take();
    ledger_.write_all(now());
    return taken;
}

Status Chronicle::close() {
    auto taken = take();
    ledger_.close(now());
    report_losses();
    return taken;
}

void Chronicle::report_losses() {
    auto state = maps_.state().find(0).value_or(enforced_state{});
    bool changed = false;

    for (const auto& [which, text] : losses) {
        const std::uint64_t total = maps_.statistic(which);
        const std::uint64_t before = std::exchange(state.reported[which], total);
        if (total <= before)
            continue;
        changed = true;
        (void)journal_(Entry(LOG_WARNING, message::lost, fmt::format("{} {}", total - before, text))
                           .add("ENFORCED_COUNT", total - before));
    }
    if (changed)
        (void)maps_.state().put(0, state);
}

} // namespace enforced::daemon
