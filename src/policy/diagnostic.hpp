// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "policy/types.hpp"

namespace enforced::policy {

/// One complaint about a policy's text. Several are gathered in one run.
struct Diagnostic {
    enum class Severity { error, warning };
    Severity severity = Severity::error;
    Location at;
    std::string message; // what is wrong, what was expected, the nearest key if there is one
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics&);

/// `FILE:LINE:COLUMN: error: MESSAGE`; a place without a line is named by its file alone.
std::string render(const Diagnostic&);

} // namespace enforced::policy
