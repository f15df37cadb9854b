// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bus/view.hpp"
#include "kernel/maps.hpp"

namespace enforced::daemon {

/// What was counted, as the bus shows it. Read at most once a second: who asks for a hundred objects asks a
/// hundred times.
class Tally {
  public:
    /// A loan for as long as this is used.
    explicit Tally(const kernel::Maps& maps) : maps_(maps) {}

    [[nodiscard]] const std::vector<bus::Hit>& hits();

    /// Sums over all units, and what went wrong; the keys are those of Manager's Counters.
    [[nodiscard]] std::map<std::string, std::uint64_t> counters();

  private:
    const kernel::Maps& maps_;
    std::vector<bus::Hit> hits_;
    std::uint64_t read_ = 0; // CLOCK_MONOTONIC, µs; 0: never
};

} // namespace enforced::daemon
