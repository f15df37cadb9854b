// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "base/result.hpp"

namespace enforced::daemon {

/// Tries every hook, with programs and maps of its own beside what is in force, and says in lines what came
/// of it: first which keys of the language can be in force, then, behind an empty line, which hooks work.
Result<std::string> feature_table();

} // namespace enforced::daemon
