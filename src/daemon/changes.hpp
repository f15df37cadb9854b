// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bus/change.hpp"
#include "bus/fault.hpp"
#include "bus/service.hpp"
#include "daemon/archive.hpp"
#include "daemon/journal.hpp"
#include "daemon/loop.hpp"
#include "daemon/reconciler.hpp"
#include "daemon/runtime.hpp"
#include "daemon/store.hpp"
#include "kernel/enforcement.hpp"
#include "policy/settings.hpp"

namespace enforced::daemon {

/// Changes of what is in force, and the one of them that is on probation. Each is validated, written down and
/// brought into force as a whole, or nothing of it is.
class Changes {
  public:
    struct Events {
        std::function<void(const Outcome&)> concluded; // something was brought into force, or was not
        std::function<void()> settled;                 // what was on probation stays
        std::function<void(const Entry&)> said;
    };

    /// All are loans for as long as this is used. The timer has to call `expire`.
    Changes(Reconciler& reconciler, const kernel::Enforcement& enforcement, Loop::Timer timer, Events events,
            Store store = Store())
        : reconciler_(reconciler), enforcement_(enforcement), timer_(timer), events_(std::move(events)),
          store_(std::move(store)) {}

    /// How many runtime policies one user but root may have.
    void limit_policies(std::size_t most) { max_policies_ = most; }

    /// At the start of the daemon: brings the files into force, or goes on with what is on probation.
    void start();

    /// Reads the files anew, for root by other ways than the bus. Whoever calls concludes.
    Outcome reload();

    bus::Answer<bus::Changed> make(const bus::Change& change, const bus::Terms& terms,
                                   const bus::Caller& caller);

    /// Of the pending one; who calls has looked whether it is the one that is meant.
    bus::Answer<void> confirm();
    bus::Answer<void> revert();

    /// The time of what is pending is up, or undoing it is to be tried again.
    void expire();

    /// A caller has left the bus, or all have, since the bus has gone.
    void left(const std::string& name);
    void left_all();

    [[nodiscard]] const std::optional<Record>& pending() const { return record_; }

    /// Which bus the callers are on, for who comes after us.
    void set_bus(std::string id) { bus_ = std::move(id); }

  private:
    [[nodiscard]] bus::Answer<void> admit(const bus::Change& change, const bus::Caller& caller) const;
    [[nodiscard]] bus::Answer<Edit> prepare(const bus::Change& change) const;
    [[nodiscard]] bus::Answer<std::vector<host::PolicyFile>> look_before(const Edit& edit) const;
    bus::Answer<bus::Changed> carry_out(const bus::Change& change, const Edit& edit, const bus::Terms& terms,
                                        const bus::Caller& caller);
    Outcome bring(const bus::Change& change, const Edit& edit);
    void begin(Record record);
    void undo(const std::string& why);
    void remember_owner(const bus::Change& change, const bus::Caller& caller);
    [[nodiscard]] Archive archive() const;
    void keep_archive();
    [[nodiscard]] std::optional<Archive> valid_archive();
    void resume(const std::optional<Archive>& archive);
    void start_from_files(const std::optional<Archive>& archive);
    void complain(const std::string& what, const Error& error);

    Reconciler& reconciler_;
    const kernel::Enforcement& enforcement_;
    Loop::Timer timer_;
    Events events_;
    Store store_;
    std::optional<Record> record_;
    std::map<std::string, std::uint32_t> owners_; // of runtime policies that others than root loaded
    std::string bus_;
    std::size_t max_policies_ = policy::Settings().runtime_policies;
};

} // namespace enforced::daemon
