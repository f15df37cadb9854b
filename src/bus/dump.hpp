// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "bus/fault.hpp"
#include "bus/view.hpp"

namespace enforced::bus {

/// All that is known, as JSON in a sealed memory file at whose beginning the descriptor is.
Answer<Fd> dump(const View& view, const std::map<std::string, std::uint64_t>& counters,
                const std::vector<Hit>& hits);

} // namespace enforced::bus
