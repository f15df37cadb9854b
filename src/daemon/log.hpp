// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <syslog.h>

#include <string>

#include "base/result.hpp"
#include "daemon/journal.hpp"

namespace enforced::daemon {

/// What the daemon says of itself, as far as org.freedesktop.LogControl1 lets it. Refusals do not come this
/// way.
class Log {
  public:
    void say(const Entry& entry) const;

    [[nodiscard]] std::string level() const;
    [[nodiscard]] std::string target() const { return target_; }

    /// Fails for what there is not, and names what there is.
    Status set_level(const std::string& level);
    Status set_target(const std::string& target);

  private:
    int level_ = LOG_INFO;
    std::string target_ = "journal";
};

} // namespace enforced::daemon
