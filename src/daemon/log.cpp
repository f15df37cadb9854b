// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/log.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quote.hpp"

namespace enforced::daemon {
namespace {

constexpr const char* levels[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
constexpr const char* targets[] = {"journal", "console", "null"};

} // namespace

void Log::say(const Entry& entry) const {
    const std::string_view priority = entry.field("PRIORITY");

    if (target_ == "null" || (priority.size() == 1 && priority.front() - '0' > level_))
        return;
    // There is nobody else to tell if it fails.
    if (target_ == "console")
        fmt::print(stderr, "{}\n", entry.field("MESSAGE"));
    else
        (void)tell(entry);
}

std::string Log::level() const {
    return levels[level_];
}

Status Log::set_level(const std::string& level) {
    for (int i = LOG_EMERG; i <= LOG_DEBUG; i++) {
        if (level == levels[i]) {
            level_ = i;
            return {};
        }
    }
    return failure(fmt::format("there is no level {}: there are {}", quote(level), fmt::join(levels, ", ")));
}

Status Log::set_target(const std::string& target) {
    for (const char* known : targets) {
        if (target == known) {
            target_ = target;
            return {};
        }
    }
    return failure(
        fmt::format("there is no target {}: there are {}", quote(target), fmt::join(targets, ", ")));
}

} // namespace enforced::daemon
