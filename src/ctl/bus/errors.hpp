// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "base/result.hpp"

namespace enforced::ctl {

/// What an error of D-Bus is to a person: what went wrong, and which command helps. `name` is the error's
/// name, `message` what came with it. Code: see exit.hpp.
Error sentence(const std::string& name, const std::string& message);

} // namespace enforced::ctl
