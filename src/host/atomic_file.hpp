// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace enforced::host {

/// The text of a regular file, followed through no link; none if there is no such file.
Result<std::optional<std::string>> read_text(const std::string& path, std::size_t limit);

/// Puts a file in the place of what is at `path`, whole or not at all, also if the machine stops. Only its
/// owner may read it. Its directory must be one that nobody else can write.
Status write_text(const std::string& path, std::string_view text);

/// Makes a directory, and those above it, for all to search. Those that are there stay as they are.
Status make_directories(const std::string& path);

/// What is not there is removed already.
Status remove_file(const std::string& path);

} // namespace enforced::host
