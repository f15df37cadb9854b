// SPDX-License-Identifier: GPL-2.0-or-later
/// Policy files as anybody may read them, whoever owns them.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "policy/merge.hpp"

namespace enforced::ctl {

bool is_directory(const std::string& path);

/// The file at `path`, whether it is a policy or, in a folder called NAME.toml.d, an amendment. Its `fault`
/// says why it could not be read.
policy::Source read_file(const std::string& path, unsigned rank = 0);

/// The policies of a policy directory with their amendments, in no particular order; or the amendments of a
/// folder called NAME.toml.d.
Result<std::vector<policy::Source>> read_directory(const std::string& path, unsigned rank = 0);

} // namespace enforced::ctl
