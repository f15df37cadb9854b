// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/pins.hpp"

namespace enforced::daemon {

/// Lifts all that is in force, once what it refused is in the journal. Says what it did. Fails while the
/// daemon runs: it would go on enforcing.
Result<std::string> release(const std::string& pins = kernel::pins_path);

} // namespace enforced::daemon
