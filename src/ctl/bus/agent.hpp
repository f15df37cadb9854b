// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

namespace enforced::ctl {

/// While this lives, polkit can ask for a password on this terminal: pkttyagent runs, unless nobody has to be
/// asked, since we are root, or could be, since there is no terminal. Without pkttyagent, or where another
/// agent is at work already, as on a desktop, nothing happens.
class Agent {
  public:
    explicit Agent(bool wanted);
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;
    ~Agent();

  private:
    pid_t child_ = 0;
};

} // namespace enforced::ctl
