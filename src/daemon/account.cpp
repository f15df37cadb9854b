// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "daemon/message.hpp"
#include "daemon/notice.hpp"

namespace enforced::daemon {
namespace {

Entry diagnostic_entry(const policy::Diagnostic& diagnostic) {
    const bool error = diagnostic.severity == policy::Diagnostic::Severity::error;
    Entry entry(error ? LOG_ERR : LOG_WARNING, message::bad_policy, printable(policy::render(diagnostic)));

    entry.add("ENFORCED_FILE", diagnostic.at.file);
    if (diagnostic.at.line)
        entry.add("ENFORCED_LINE", diagnostic.at.line);
    return entry;
}

Entry shortfall_entry(const plan::Shortfall& shortfall, const std::string& reason, bool whole_policy) {
    std::string text =
        fmt::format("{}:{}: {} of policy {} is not in force: it needs {}", printable(shortfall.at.file),
                    shortfall.at.line, shortfall.key, printable(shortfall.policy), shortfall.needs);
    if (!reason.empty())
        text += fmt::format(" ({})", printable(reason));
    if (whole_policy)
        text += "; so the whole policy is not loaded. To have the rest of it: on-unsupported = \"warn\"";
    Entry entry(whole_policy ? LOG_ERR : LOG_WARNING, message::not_in_force, text);
    entry.add("ENFORCED_POLICY", shortfall.policy).add("ENFORCED_RULE", shortfall.key);
    entry.add("ENFORCED_NEEDS", shortfall.needs).add("ENFORCED_FILE", shortfall.at.file);
    return entry.add("ENFORCED_LINE", shortfall.at.line);
}

Entry gap_entry(const plan::Gap& gap, const std::string& reason) {
    std::string text =
        fmt::format("{}:{}: {} of policy {} is in force, but not for {}: that needs {}",
                    printable(gap.at.file), gap.at.line, gap.key, printable(gap.policy), gap.what, gap.needs);
    if (!reason.empty())
        text += fmt::format(" ({})", printable(reason));
    return Entry(LOG_WARNING, message::not_in_force, text)
        .add("ENFORCED_POLICY", gap.policy)
        .add("ENFORCED_RULE", gap.key)
        .add("ENFORCED_NEEDS", gap.needs)
        .add("ENFORCED_FILE", gap.at.file)
        .add("ENFORCED_LINE", gap.at.line);
}

Entry unfinished_entry(const std::string& root) {
    return Entry(LOG_WARNING, message::not_in_force,
                 fmt::format(
                     "{} is too large to be searched to the end for files with several links; a second link "
                     "that was made before the policy was loaded is not recognised in the rest of it",
                     printable(root)))
        .add("ENFORCED_OBJECT", root);
}

std::string why_not(const Outcome& outcome) {
    const auto errors = std::ranges::count_if(outcome.diagnostics, [](const policy::Diagnostic& diagnostic) {
        return diagnostic.severity == policy::Diagnostic::Severity::error;
    });

    if (!outcome.error.empty())
        return outcome.error;
    if (errors)
        return fmt::format("{} {}, see above", errors, errors == 1 ? "error" : "errors");
    return "what this kernel cannot do, see above";
}

} // namespace

std::vector<Entry> outcome_entries(const Outcome& outcome, const std::string& stays,
                                   const std::function<std::string(const std::string&)>& reason) {
    std::vector<Entry> entries;

    for (const policy::Diagnostic& diagnostic : outcome.diagnostics)
        entries.push_back(diagnostic_entry(diagnostic));
    for (const plan::Shortfall& shortfall : outcome.refused)
        entries.push_back(shortfall_entry(shortfall, reason(shortfall.needs), true));
    for (const plan::Shortfall& shortfall : outcome.shortfalls)
        entries.push_back(shortfall_entry(shortfall, reason(shortfall.needs), false));
    for (const plan::Gap& gap : outcome.gaps)
        entries.push_back(gap_entry(gap, reason(gap.needs)));
    for (const std::string& root : outcome.unfinished)
        entries.push_back(unfinished_entry(root));
    if (outcome.done)
        entries.emplace_back(LOG_INFO, message::in_force,
                             status_sentence(outcome.policies, outcome.units, outcome.shortfalls.size()));
    else
        entries.emplace_back(
            LOG_ERR, message::not_loaded,
            fmt::format("the policy files are not loaded: {}. Still: {}", why_not(outcome), stays));
    return entries;
}

} // namespace enforced::daemon
