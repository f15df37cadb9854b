// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/changes.hpp"
#include "daemon/chronicle.hpp"
#include "daemon/control.hpp"
#include "daemon/front.hpp"
#include "daemon/guardian.hpp"
#include "daemon/journal.hpp"
#include "daemon/log.hpp"
#include "daemon/loop.hpp"
#include "daemon/reconciler.hpp"
#include "daemon/units.hpp"
#include "daemon/vigil.hpp"
#include "host/cgroup.hpp"
#include "host/watch.hpp"
#include "kernel/enforcement.hpp"
#include "policy/settings.hpp"

namespace enforced::daemon {

/// Everything the daemon does, on one loop.
class Daemon {
  public:
    /// Takes over what is in force, and brings the policy files into force. Fails if nothing can be enforced
    /// at all; a policy that cannot be is no reason to fail.
    static Result<std::unique_ptr<Daemon>> start();

    /// Until it is told to stop. What is in force stays so.
    Status run();

  private:
    Daemon(host::CgroupTree tree, Loop loop, host::Watch watch)
        : tree_(std::move(tree)), loop_(std::move(loop)), watch_(std::move(watch)) {}

    void adopt_settings();
    Status prepare();
    Status connect();
    Status set_timers();
    Status face();
    Answer reload();
    Answer conclude(const Outcome& outcome);
    void publish();
    [[nodiscard]] Front::Summary summary();

    void take_events();
    void sweep();
    void settle_chronicle(const Status& status);
    void maintain();
    void keep_pinned();
    void keep_guarded();
    void stay_at_home();
    void inspect();
    void feed_watchdog();
    void refresh_anchors();
    void stop();
    [[nodiscard]] std::size_t count_units();
    [[nodiscard]] std::string status();

    host::CgroupTree tree_;
    Loop loop_;
    host::Watch watch_;
    Fd mountinfo_;
    std::optional<kernel::Enforcement> enforcement_;
    std::optional<Guardian> guardian_;
    std::optional<Vigil> vigil_;
    std::optional<Units> units_;
    std::unique_ptr<Chronicle> chronicle_;
    std::optional<Reconciler> reconciler_;
    std::optional<Control> control_;
    std::optional<Loop::Timer> chronicle_timer_, sweep_timer_, maintenance_timer_, watchdog_timer_,
        anchor_timer_, probation_timer_, inspection_timer_;
    Log log_;
    policy::Settings settings_;
    std::optional<Changes> changes_;
    std::unique_ptr<Front> front_;
    policy::Diagnostics diagnostics_; // of the files, when they were read last
    bool incomplete_ = false;         // what is in force is not all that the files say
};

} // namespace enforced::daemon
