// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <map>
#include <string>

#include "daemon/weakness.hpp"
#include "kernel/enforcement.hpp"

namespace enforced::daemon {

/// Looks for what weakens enforcement without anybody noticing: programs that the kernel skips, maps that
/// fill up, labels and events for which there was no memory, hooks that are not asked any more.
class Vigil {
  public:
    using Say = std::function<void(const Entry& entry)>;

    /// The enforcement is a loan. `say` is told of each change, once.
    Vigil(kernel::Enforcement& enforcement, Say say) : enforcement_(enforcement), say_(std::move(say)) {}

    /// What can be known by reading numbers: to be called every few seconds. Returns whether anything
    /// changed.
    bool look();

    /// What takes longer: tries each hook that is needed, as at the start, and counts what is in the maps.
    /// What is not asked any more is attached anew; how that went is said. Launches that ended unseen are
    /// forgotten. Returns whether anything changed.
    bool inspect();

    [[nodiscard]] std::map<std::string, std::string> weaknesses() const { return weaknesses_.all(); }

  private:
    bool tell();

    kernel::Enforcement& enforcement_;
    Say say_;
    Weaknesses weaknesses_;
};

} // namespace enforced::daemon
