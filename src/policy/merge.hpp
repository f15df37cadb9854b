// SPDX-License-Identifier: GPL-2.0-or-later
/// From the texts of the policy directories to the policies they make.
#pragma once

#include <string>
#include <vector>

#include "policy/diagnostic.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// One file of a policy directory, or of a `NAME.toml.d` folder in one.
struct Source {
    std::string path;     // as diagnostics are to name it
    std::string basename; // "nginx.toml", or "50-local.toml" of an amendment
    unsigned rank =
        0; // of its directory; of two files of one name the higher is read: /usr/lib 0, /run 1, /etc 2
    std::string amends;  // "nginx.toml" for a file of nginx.toml.d; empty: it is a policy of its own
    std::string text;    // empty: it masks those of its name below it
    bool masked = false; // a link to /dev/null: masks likewise
    std::string fault;   // why it could not be read; the policy is then missing, never one of a lower rank

    friend bool operator==(const Source&, const Source&) = default;
};

struct Merged {
    std::vector<Policy> policies; // without errors, in the order of their basenames
    Diagnostics diagnostics;      // by file, line, column
};

/// Of files of the same name the one of the highest rank counts; amendments are read on top of the policy in
/// the order of their basenames. A policy with an error in any of its files is left out. Never fails
/// otherwise, whatever the texts hold.
Merged merge(std::vector<Source> sources);

/// The sources that a policy is made of, by the basename of its file: that file, then its amendments in the
/// order in which they are read. Empty if there is no such policy, or it is masked. The pointers are into
/// `sources`.
std::vector<const Source*> parts_of(const std::vector<Source>& sources, const std::string& basename);

/// Without all that bears the name of a policy which has an error, and so is not in `merged`: what is left
/// makes the same policies, without errors. What masks stays, with what it masks.
std::vector<Source> without_faulty(std::vector<Source> sources, const Merged& merged);

} // namespace enforced::policy
