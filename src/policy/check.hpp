// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "policy/diagnostic.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// What a whole policy can be blamed for that its types cannot say: that it names no unit, that a rule can
/// have no effect. In the order in which the policy's parts are declared.
Diagnostics check(const Policy&);

} // namespace enforced::policy
