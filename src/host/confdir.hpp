// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "policy/diagnostic.hpp"
#include "policy/merge.hpp"

namespace enforced::host {

constexpr std::size_t max_policy_files = 4096;

/// The directories of policies. Their order is their rank.
inline const std::vector<std::string> policy_directories = {
    "/usr/lib/enforced/policy.d",
    "/run/enforced/policy.d",
    "/etc/enforced/policy.d",
};

struct PolicyFiles {
    std::vector<policy::Source> sources; // those with a `fault` were not read
    policy::Diagnostics errors;          // directories that were not read
};

/// Reads every policy file. Only what `owner` owns and nobody else can write is read, since whoever can write
/// a policy can lift it; directories that do not exist are empty.
PolicyFiles read_policies(std::span<const std::string> directories, uid_t owner = 0);

} // namespace enforced::host
