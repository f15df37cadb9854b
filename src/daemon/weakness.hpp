// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/journal.hpp"

namespace enforced::daemon {

/// What makes enforcement weaker than it should be, now. Each is told of once when it comes and once when it
/// goes.
class Weaknesses {
  public:
    /// Microseconds for which something that happened counts after it happened last.
    static constexpr std::uint64_t memory = 600'000'000;

    /// A condition: there as long as `text` is. One that is `grave` means that something is not enforced.
    void hold(const std::string& key, const std::optional<std::string>& text, bool grave = false);

    /// Something of which there were `total` by now, at `now`; it is a weakness for a while after each of
    /// them. What there was when it is looked at for the first time is from before, and is none.
    void count(const std::string& key, std::uint64_t total, const std::string& text, std::uint64_t now);

    /// What there is to be said since this was called last.
    std::vector<Entry> take_changes();

    /// Texts by key.
    [[nodiscard]] std::map<std::string, std::string> all() const;

  private:
    struct Weakness {
        std::string text;
        bool grave = false;
    };
    struct Counted {
        std::uint64_t total = 0;
        std::uint64_t last = 0; // when one was added; 0: never
    };

    std::map<std::string, Weakness> present_;
    std::map<std::string, Counted> counted_;
    std::vector<Entry> changes_;
};

} // namespace enforced::daemon
