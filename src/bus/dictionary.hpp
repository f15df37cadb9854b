// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>

#include <sdbus-c++/sdbus-c++.h>

namespace enforced::bus {

/// What the contract calls a{sv}: options, filters, events.
using Dictionary = std::map<std::string, sdbus::Variant>;

} // namespace enforced::bus
