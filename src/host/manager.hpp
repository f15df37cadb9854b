// SPDX-License-Identifier: GPL-2.0-or-later
/// What PID 1 is like, and what it is about to do.
#pragma once

#include <set>
#include <string_view>

namespace enforced::host {

/// Whether this systemd execs systemd-executor before a unit's own program: it does since 254, where it is
/// installed.
bool has_executor();

/// Whether a line of /proc/PID/stat is that of a child of PID 1 which is not a unit's program yet: until then
/// it is called "(name)".
bool is_in_setup(std::string_view stat);

/// The process ids of all such children.
std::set<int> list_in_setup();

} // namespace enforced::host
