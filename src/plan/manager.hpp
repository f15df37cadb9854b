// SPDX-License-Identifier: GPL-2.0-or-later
/// Units of users' managers, as they lie in the cgroup hierarchy: below the unit of PID 1's that the manager
/// is, /user.slice/user-1000.slice/user@1000.service.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace enforced::plan {

/// Where in a cgroup's path the part begins that a user's manager has made, with its slash; 0 if there is
/// none. lib/subject.h has the same rule.
std::size_t user_offset(std::string_view cgroup);

/// The path of a unit as the automaton of unit names reads it: a newline stands where a manager's own unit
/// ends.
std::string spell_unit(std::string_view path);

/// And back.
std::string unit_path(std::string_view spelled);

} // namespace enforced::plan
