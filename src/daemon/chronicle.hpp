// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "daemon/journal.hpp"
#include "daemon/ledger.hpp"
#include "kernel/events.hpp"
#include "kernel/maps.hpp"

namespace enforced::daemon {

/// Brings what the programs say into the journal: their events through the ledger, and what they could not
/// say.
class Chronicle {
  public:
    using Journal = std::function<Status(const Entry&)>;

    /// The maps are a loan for as long as this lives.
    static Result<std::unique_ptr<Chronicle>> open(const kernel::Maps& maps, Journal journal);

    /// A loan: readable when there are events.
    [[nodiscard]] int fd() const { return events_->fd(); }

    /// Takes all events, and writes what is due.
    Status take();

    /// In how many microseconds something is due; nothing if nothing is waiting.
    [[nodiscard]] std::optional<std::uint64_t> next_due() const;

    /// Looks for what was not announced, and says what was lost. To be called every few seconds.
    Status sweep();

    /// Writes everything that is known, due or not.
    Status finish();

    /// Writes everything that was counted, once no program runs any more.
    Status close();

  private:
    Chronicle(const kernel::Maps& maps, Journal journal);

    void report_losses();
    Status write(const Occurrence& occurrence, std::uint64_t count) const;

    const kernel::Maps& maps_;
    Journal journal_;
    Ledger ledger_;
    std::optional<kernel::Events> events_;
};

} // namespace enforced::daemon
