// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/notice.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <fmt/format.h>

#include "base/quote.hpp"

namespace enforced::daemon {
namespace {

std::string counted(std::size_t count, const char* noun, const char* plural) {
    return fmt::format("{} {}", count, count == 1 ? noun : plural);
}

void notify(const std::string& text) {
    sd_notify(0, text.c_str());
}

} // namespace

std::string status_sentence(std::size_t policies, std::size_t units, std::size_t not_in_force) {
    std::string text = policies ? counted(policies, "policy", "policies") + " in force for " +
                                      counted(units, "unit", "units")
                                : "no policy in force";

    if (not_in_force)
        text += "; " + counted(not_in_force, "rule", "rules") +
                " not in force (journalctl -u enforced says which)";
    return text;
}

void notify_ready(const std::string& status) {
    notify("READY=1\nSTATUS=" + printable(status));
}

void notify_reloading() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                                                             static_cast<std::uint64_t>(now.tv_nsec) / 1000));
}

void notify_status(const std::string& status) {
    notify("STATUS=" + printable(status));
}

void notify_stopping(const std::string& status) {
    notify("STOPPING=1\nSTATUS=" + printable(status));
}

std::uint64_t watchdog_interval() {
    std::uint64_t interval = 0;
    return sd_watchdog_enabled(0, &interval) > 0 ? interval : 0;
}

void notify_busy(bool busy) {
    constexpr std::uint64_t long_enough = 30ULL * 60 * 1'000'000; // us
    const std::uint64_t interval = watchdog_interval();
    std::string text = "WATCHDOG=1";

    if (interval)
        text += fmt::format("\nWATCHDOG_USEC={}", busy ? long_enough : interval);
    if (busy)
        text += fmt::format("\nEXTEND_TIMEOUT_USEC={}", long_enough);
    notify(text);
}

void notify_watchdog() {
    notify("WATCHDOG=1");
}

} // namespace enforced::daemon
