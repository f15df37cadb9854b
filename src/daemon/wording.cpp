// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/wording.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "bus/names.hpp"
#include "daemon/message.hpp"

namespace enforced::daemon {
namespace {

Entry entry_for(int priority, const char* id, const bus::Change& change, const bus::Caller& caller,
                const std::string& text) {
    Entry entry(priority, id, text);
    entry.add("ENFORCED_VERB", bus::name_of(change.verb)).add("ENFORCED_UID", caller.uid);
    entry.add("ENFORCED_SENDER", caller.name);
    if (!change.policy.empty())
        entry.add("ENFORCED_POLICY", change.policy);
    if (!change.mode.empty())
        entry.add("ENFORCED_MODE", change.mode);
    return entry;
}

} // namespace

std::string describe(const bus::Change& change) {
    switch (change.verb) {
    case bus::Verb::reload:
        return "the policy files were read anew";
    case bus::Verb::load:
        return fmt::format("policy {} was loaded", change.policy);
    case bus::Verb::unload:
        return fmt::format("policy {} was unloaded", change.policy);
    case bus::Verb::mode:
        if (change.mode.empty())
            return fmt::format("the mode of policy {} was left to its files", change.policy);
        return fmt::format("the mode of policy {} was set to {}", change.policy, change.mode);
    case bus::Verb::make_permanent:
        return fmt::format("policy {} was made permanent", change.policy);
    case bus::Verb::release:
        return "all that was in force was lifted";
    }
    return {};
}

std::string duration(std::uint64_t microseconds) {
    const std::uint64_t seconds = microseconds / 1'000'000 + (microseconds % 1'000'000 ? 1 : 0);
    std::string text;

    if (seconds >= 3600)
        text += fmt::format("{} h ", seconds / 3600);
    if (seconds / 60 % 60)
        text += fmt::format("{} min ", seconds / 60 % 60);
    if (seconds % 60 || text.empty())
        text += fmt::format("{} s ", seconds % 60);
    text.pop_back();
    return text;
}

bus::Fault pending_fault(const bus::Probation& probation, std::uint64_t now) {
    const std::uint64_t left = probation.deadline > now ? probation.deadline - now : 0;
    return {bus::error::probation_pending,
            fmt::format("{} by uid {}, on probation for another {}; confirm or revert that first ({})",
                        describe(probation.change), probation.maker.uid, duration(left), probation.id)};
}

bus::Fault outcome_fault(const Outcome& outcome) {
    std::string text;
    if (!outcome.error.empty())
        return {bus::error::failed, outcome.error};
    for (const policy::Diagnostic& diagnostic : outcome.diagnostics)
        text += printable(policy::render(diagnostic)) + "\n";
    const bool bad = policy::has_errors(outcome.diagnostics);
    for (const plan::Shortfall& shortfall : outcome.refused) {
        if (!bad)
            text +=
                fmt::format("{}:{}: {} of policy {} cannot be enforced by this kernel: it needs {}; to have "
                            "the rest of the policy: on-unsupported = \"warn\"\n",
                            printable(shortfall.at.file), shortfall.at.line, shortfall.key,
                            printable(shortfall.policy), shortfall.needs);
    }
    if (!text.empty())
        text.pop_back();
    return {bad ? bus::error::bad_policy : bus::error::unsupported, text};
}

Entry change_entry(const bus::Change& change, const bus::Terms& terms, const bus::Caller& caller,
                   const std::string& probation) {
    std::string text = fmt::format("{} over D-Bus by uid {}", describe(change), caller.uid);
    if (terms.timeout)
        text += fmt::format("; it undoes itself in {} unless it is confirmed{}", duration(*terms.timeout),
                            terms.keep ? "" : ", or when the caller leaves");
    Entry entry = entry_for(LOG_NOTICE, message::changed, change, caller, text);
    if (!probation.empty())
        entry.add("ENFORCED_PROBATION", probation);
    return entry;
}

Entry refusal_entry(const bus::Change& change, const bus::Caller& caller, const std::string& why) {
    std::string text =
        fmt::format("a change over D-Bus by uid {} was not made ({}", caller.uid, bus::name_of(change.verb));
    if (!change.policy.empty())
        text += " " + change.policy;
    return entry_for(LOG_WARNING, message::not_loaded, change, caller, fmt::format("{}): {}", text, why));
}

Entry confirmed_entry(const bus::Probation& probation) {
    return entry_for(LOG_NOTICE, message::confirmed, probation.change, probation.maker,
                     fmt::format("{}; that is confirmed, and stays", describe(probation.change)))
        .add("ENFORCED_PROBATION", probation.id);
}

Entry undone_entry(const bus::Probation& probation, const std::string& why) {
    return entry_for(LOG_NOTICE, message::undone, probation.change, probation.maker,
                     fmt::format("{}; that is undone, since {}", describe(probation.change), why))
        .add("ENFORCED_PROBATION", probation.id);
}

} // namespace enforced::daemon
