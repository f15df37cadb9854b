// SPDX-License-Identifier: GPL-2.0-or-later
/// What the daemon tells systemd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace enforced::daemon {

/// The sentence in `systemctl status`: how many policies hold for how many units, and what does not.
std::string status_sentence(std::size_t policies, std::size_t units, std::size_t not_in_force);

void notify_ready(const std::string& status);
void notify_reloading();
void notify_status(const std::string& status);
void notify_stopping(const std::string& status);

/// Every how many microseconds systemd wants to hear that all is well; 0 if it does not.
std::uint64_t watchdog_interval();
void notify_watchdog();

/// No sign of life can be given for a while, which is not to be taken for death; nor is a start or reload
/// that lasts.
void notify_busy(bool busy);

} // namespace enforced::daemon
