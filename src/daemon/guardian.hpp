// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "host/cgroup.hpp"
#include "kernel/enforcement.hpp"

namespace enforced::daemon {

/// Keeps what the programs know of the daemon up to date, so that no governed unit can touch it.
class Guardian {
  public:
    /// Both are loans. The daemon is in the cgroup in which systemd has started it.
    Guardian(const host::CgroupTree& tree, kernel::Enforcement& enforcement);

    /// Labels this process, before anything else is done.
    [[nodiscard]] Status begin() const { return enforcement_.label_as_daemon(); }

    /// Finds out anew what there is to be guarded.
    [[nodiscard]] Status renew() const;

    /// Moves the daemon back into its unit's cgroup if somebody has moved it elsewhere. Says to where it had
    /// been moved.
    [[nodiscard]] std::optional<std::string> come_back() const;

  private:
    const host::CgroupTree& tree_;
    kernel::Enforcement& enforcement_;
    std::string home_; // path of the cgroup; empty: not a unit's
};

} // namespace enforced::daemon
