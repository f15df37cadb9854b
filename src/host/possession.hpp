// SPDX-License-Identifier: GPL-2.0-or-later
/// What of the file system is the daemon's: its policies, its pins, its program and its unit.
#pragma once

#include <string>
#include <vector>

#include "host/mounts.hpp"
#include "host/object.hpp"

namespace enforced::host {

struct Possession {
    enum class Kind {
        own,     // it and what is below it
        above,   // a directory on the way there, or to where it would be
        program, // own, and the program that runs
    };
    Object object;
    Kind kind;

    friend auto operator<=>(const Possession&, const Possession&) = default;
};

/// What there is of it now, each once, in some order. Files of directories that are searched: 4096 at most.
/// `program` is the path of the daemon's program.
std::vector<Possession> find_possessions(const std::vector<Mount>& mounts, const std::string& program);

/// The same of other paths: the directories and files themselves, and those to be searched for files with
/// further links.
std::vector<Possession> find_possessions(const std::vector<Mount>& mounts,
                                         const std::vector<std::string>& own,
                                         const std::vector<std::string>& searched,
                                         const std::string& program);

} // namespace enforced::host
