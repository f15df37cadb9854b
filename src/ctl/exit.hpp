// SPDX-License-Identifier: GPL-2.0-or-later
/// Exit statuses; enforcectl(1) promises them.
#pragma once

#include <cerrno>

#include "base/result.hpp"

namespace enforced::ctl {

constexpr int exit_good = 0;
constexpr int exit_failed = 1;      // what was asked for was not done, or something is wrong
constexpr int exit_usage = 2;       // as systemd's EXIT_INVALIDARGUMENT
constexpr int exit_inactive = 3;    // of status, as LSB has it: nothing is enforced
constexpr int exit_forbidden = 4;   // as LSB's and systemd's EXIT_NOPERMISSION
constexpr int exit_not_running = 7; // of all but status, as LSB's and systemd's EXIT_NOTRUNNING

// What errors mean that did not come of a system call.
constexpr int error_forbidden = EACCES;
constexpr int error_not_running = ESRCH;
constexpr int error_not_found = ENOENT;
constexpr int error_usage = EINVAL;

inline int exit_status(const Error& error) {
    switch (error.code) {
    case error_forbidden:
        return exit_forbidden;
    case error_usage:
        return exit_usage;
    case error_not_running:
        return exit_not_running;
    default:
        return exit_failed;
    }
}

} // namespace enforced::ctl
