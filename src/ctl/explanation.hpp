// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "ctl/bus/event.hpp"
#include "ctl/options.hpp"

namespace enforced::ctl {

/// The answer of explain, for people.
std::string draw(const Explanation& explanation, const Options& options);

} // namespace enforced::ctl
