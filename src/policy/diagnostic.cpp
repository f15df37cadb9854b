// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/diagnostic.hpp"

#include <algorithm>

#include "base/quote.hpp"

namespace enforced::policy {

bool has_errors(const Diagnostics& diagnostics) {
    return std::ranges::any_of(diagnostics,
                               [](const auto& each) { return each.severity == Diagnostic::Severity::error; });
}

std::string render(const Diagnostic& diagnostic) {
    std::string text = printable(diagnostic.at.file);
    if (diagnostic.at.line > 0)
        text += ":" + std::to_string(diagnostic.at.line) + ":" + std::to_string(diagnostic.at.column);
    text += diagnostic.severity == Diagnostic::Severity::error ? ": error: " : ": warning: ";
    return text + diagnostic.message;
}

} // namespace enforced::policy
