// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "ctl/options.hpp"

namespace enforced::ctl {

/// While this lives, standard output goes through a pager: $SYSTEMD_PAGER, $PAGER, less, more, the first that
/// there is; none without a terminal or with --no-pager. Ends when the reader has read enough.
class Pager {
  public:
    explicit Pager(const Options& options);
    Pager(const Pager&) = delete;
    Pager& operator=(const Pager&) = delete;
    ~Pager();

  private:
    pid_t child_ = 0;
    int terminal_ = -1; // what standard output was
};

using Environment = std::function<const char*(const char*)>;

/// The commands to try, one after the other; empty if nothing is to be paged. What is asked for by variables
/// counts only if it is not `elevated`: a pager can run commands, and who was let in by sudo for this program
/// alone is not to get them. In that case less is told to be secure.
std::vector<std::string> pager_commands(const Environment& environment, bool elevated);

/// The variables, as NAME=VALUE, that such a pager is to have.
std::vector<std::string> pager_variables(const Environment& environment, bool elevated, bool utf8);

} // namespace enforced::ctl
