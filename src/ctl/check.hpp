// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace enforced::ctl {

/// `enforcectl check`: tells standard error what is wrong with the files and directories, and returns the
/// exit status: 0 if the daemon would take them all, 1 if not. Files are looked at one by one; directories
/// together, a later one over an earlier one. Without any, the directories that the daemon reads.
int check(const std::vector<std::string>& paths);

} // namespace enforced::ctl
