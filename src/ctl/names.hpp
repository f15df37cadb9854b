// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace enforced::ctl {

/// Whether the name has the type of a unit behind it that can be governed.
bool is_unit_name(const std::string& name);

/// As systemctl takes it: "nginx" is "nginx.service".
std::string full_unit_name(const std::string& name);

} // namespace enforced::ctl
