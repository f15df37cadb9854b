// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "bus/service.hpp"
#include "daemon/changes.hpp"
#include "daemon/helpers.hpp"
#include "daemon/journal.hpp"
#include "daemon/log.hpp"
#include "daemon/reconciler.hpp"
#include "daemon/tally.hpp"
#include "daemon/units.hpp"
#include "host/cgroup.hpp"
#include "kernel/enforcement.hpp"

namespace enforced::daemon {

/// The daemon as those on the bus see it.
class Front : public bus::Service {
  public:
    /// What the daemon knows of itself.
    struct Summary {
        std::string state, status; // see Manager
        policy::Diagnostics diagnostics;
        std::map<std::string, std::string> weaknesses;
    };

    /// All are loans for as long as this is used.
    struct Parts {
        kernel::Enforcement& enforcement;
        Reconciler& reconciler;
        Changes& changes;
        Units& units;
        const host::CgroupTree& tree;
        Log& log;
    };

    /// The loop is a loan too. `summary` is asked whenever something is shown anew.
    static Result<std::unique_ptr<Front>> create(Loop& loop, Parts parts, std::function<Summary()> summary);

    /// Shows everything anew.
    void publish();

    /// Tells those who subscribed what was written into the journal.
    void tell_event(const Entry& entry);

    bus::Answer<bus::Changed> change(const bus::Change& change, const bus::Terms& terms,
                                     const bus::Caller& caller) override;
    bus::Answer<void> confirm() override { return parts_.changes.confirm(); }
    bus::Answer<void> revert() override { return parts_.changes.revert(); }
    policy::Diagnostics check(const std::string& name, const std::string& text) override;
    bus::Answer<void> try_features() override;
    void refresh_units() override;
    bool governs(std::uint32_t pid) override { return parts_.units.governs(pid); }
    bus::Answer<void> query_events(const bus::EventQuery& query, const bus::Caller& caller,
                                   std::function<void(bus::Answer<bus::EventPage>)> answer) override;
    bus::Answer<void> explain(const std::string& event, const bus::Caller& caller,
                              std::function<void(bus::Answer<bus::Explanation>)> answer) override;
    std::vector<bus::Hit> hits() override { return tally_.hits(); }
    std::map<std::string, std::uint64_t> counters() override { return tally_.counters(); }
    std::string log_level() override { return parts_.log.level(); }
    std::string log_target() override { return parts_.log.target(); }
    bus::Answer<void> set_log_level(const std::string& level) override;
    bus::Answer<void> set_log_target(const std::string& target) override;

  private:
    Front(Parts parts, std::function<Summary()> summary)
        : parts_(parts), summary_(std::move(summary)), tally_(parts.enforcement.maps()) {}

    void up();
    bus::Answer<void> ask_helper(const bus::Caller& caller, Helpers::Work work, Helpers::Done done);

    Parts parts_;
    std::function<Summary()> summary_;
    Tally tally_;
    std::vector<KnownUnit> units_; // as shown
    std::unique_ptr<bus::Bus> bus_;
    std::unique_ptr<Helpers> helpers_; // goes first: what it is to answer belongs to the bus
};

} // namespace enforced::daemon
