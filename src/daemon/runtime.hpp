// SPDX-License-Identifier: GPL-2.0-or-later
/// The runtime layer: what a change makes of the texts in force, and of the files in /run and /etc. Pure.
#pragma once

#include <string>
#include <vector>

#include "bus/change.hpp"
#include "bus/fault.hpp"
#include "host/policy_file.hpp"
#include "policy/merge.hpp"

namespace enforced::daemon {

/// What a change comes to.
struct Edit {
    std::vector<policy::Source> sources; // that are to be in force
    std::vector<host::PolicyFile> files; // as they are to be, in this order
    std::vector<std::string> absent;     // paths at which nothing may be: it would have the say
};

/// What is at a path according to the texts.
host::PolicyFile file_at(const std::vector<policy::Source>& sources, const std::string& path);

/// The edit for a change of one policy (all but reload and release), or why it cannot be. Whether the texts
/// are any good is not looked at.
bus::Answer<Edit> edit(const std::vector<policy::Source>& sources, const bus::Change& change);

/// All that bears on a policy, with this text for its own. The text is called NAME.toml.
std::vector<policy::Source> sources_to_check(const std::vector<policy::Source>& sources,
                                             const std::string& policy, const std::string& text);

/// What SetMode set for a policy; empty if nothing.
std::string runtime_mode(const std::vector<policy::Source>& sources, const std::string& policy);

} // namespace enforced::daemon
