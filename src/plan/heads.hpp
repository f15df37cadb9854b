// SPDX-License-Identifier: GPL-2.0-or-later
/// What a glob says literally before its first wildcard: where in the file system its objects are looked for.
#pragma once

#include <string>
#include <vector>

#include "policy/glob.hpp"

namespace enforced::plan {

inline constexpr std::size_t max_heads = 64; // of one glob; alternatives beyond that are not expanded

/// Absolute paths, without a trailing '/' but for the root itself. Sorted, none twice.
struct Heads {
    std::vector<std::string> names; // the glob, or an alternative of it, is just this name
    std::vector<std::string> trees; // all that it can match otherwise is in one of these directories
};

/// A tree "/root" for "/root/**", "/etc" for "/etc/shadow*", "/" for "/**/x"; a name for a glob without
/// wildcards. Alternatives give heads of their own.
Heads heads(const policy::GlobSequence&);

/// The directory that holds what has this absolute name.
std::string directory_of(const std::string& name);

} // namespace enforced::plan
