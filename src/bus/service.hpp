// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bus/change.hpp"
#include "bus/event.hpp"
#include "bus/fault.hpp"
#include "bus/view.hpp"

namespace enforced::bus {

/// What became of a change that was made.
struct Changed {
    std::string probation;          // its id, empty if it is not on probation
    std::vector<std::string> files; // of make-permanent: those that were written
};

/// What the daemon does for those who call, once they may. All of it happens on the loop.
class Service {
  public:
    virtual ~Service() = default;

    virtual Answer<Changed> change(const Change& change, const Terms& terms, const Caller& caller) = 0;
    /// Of the change that is on probation: which that is, the gate has looked at.
    virtual Answer<void> confirm() = 0;
    virtual Answer<void> revert() = 0;
    virtual policy::Diagnostics check(const std::string& name, const std::string& text) = 0;

    /// Tries what was not tried, and publishes the view anew.
    virtual Answer<void> try_features() = 0;

    /// Whether a policy that refuses things governs a process. One that is not there any more counts as
    /// governed.
    virtual bool governs(std::uint32_t pid) = 0;

    /// Publishes the view anew if units have come or gone since.
    virtual void refresh_units() = 0;

    /// Answers later, unless the caller leaves or the connection is lost meanwhile. The fault is that nobody
    /// will.
    virtual Answer<void> query_events(const EventQuery& query, const Caller& caller,
                                      std::function<void(Answer<EventPage>)> answer) = 0;
    virtual Answer<void> explain(const std::string& event, const Caller& caller,
                                 std::function<void(Answer<Explanation>)> answer) = 0;

    virtual std::vector<Hit> hits() = 0;
    virtual std::map<std::string, std::uint64_t> counters() = 0;

    /// See org.freedesktop.LogControl1.
    virtual std::string log_level() = 0;
    virtual std::string log_target() = 0;
    virtual Answer<void> set_log_level(const std::string& level) = 0;
    virtual Answer<void> set_log_target(const std::string& target) = 0;
};

} // namespace enforced::bus
