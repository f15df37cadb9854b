// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/wire.hpp"

#include "bus/strings.hpp"

namespace enforced::bus {

std::vector<WireRule> wire(const std::vector<Rule>& rules,
                           const std::map<std::uint32_t, std::uint64_t>& hits) {
    std::vector<WireRule> wired;
    for (const Rule& rule : rules) {
        const auto count = hits.find(rule.id);
        wired.emplace_back(rule.id, fit(rule.policy), fit(rule.key), fit(rule.class_), fit(rule.action),
                           fit(rule.text), fit(rule.file), rule.line,
                           count == hits.end() ? 0 : count->second);
    }
    return wired;
}

std::vector<WireGap> wire(const std::vector<Gap>& gaps) {
    std::vector<WireGap> wired;
    for (const Gap& gap : gaps)
        wired.emplace_back(fit(gap.policy), fit(gap.key), fit(gap.needs), fit(gap.reason), fit(gap.file),
                           gap.line);
    return wired;
}

std::vector<WireFeature> wire(const std::vector<Feature>& features) {
    std::vector<WireFeature> wired;
    for (const Feature& feature : features)
        wired.emplace_back(fit(feature.name), fit(feature.state), fit(feature.reason));
    return wired;
}

std::vector<WireDiagnostic> wire(const policy::Diagnostics& diagnostics) {
    std::vector<WireDiagnostic> wired;
    for (const policy::Diagnostic& each : diagnostics)
        wired.emplace_back(each.severity == policy::Diagnostic::Severity::error ? "error" : "warning",
                           fit(each.at.file), each.at.line, each.at.column, fit(each.message));
    return wired;
}

std::vector<WireCoverage> wire(const std::vector<Coverage>& coverage) {
    std::vector<WireCoverage> wired;
    for (const Coverage& each : coverage)
        wired.emplace_back(fit(each.policy), fit(each.part), fit(each.state), fit(each.needs),
                           fit(each.reason));
    return wired;
}

std::vector<std::string> wire(const std::vector<std::string>& texts) {
    std::vector<std::string> wired;
    for (const std::string& text : texts)
        wired.push_back(fit(text));
    return wired;
}

Dictionary wire(const std::optional<Probation>& probation, std::uint64_t now) {
    Dictionary wired;
    if (!probation)
        return wired;
    const auto put = [&](const char* key, auto value) { wired[key] = sdbus::Variant(value); };
    put("id", probation->id);
    put("verb", std::string(name_of(probation->change.verb)));
    put("policy", probation->change.policy);
    if (probation->change.verb == Verb::mode)
        put("mode", probation->change.mode);
    put("uid", probation->maker.uid);
    put("sender", probation->maker.name);
    put("keep", probation->terms.keep);
    put("timeout-usec", probation->terms.timeout.value_or(0));
    put("deadline-usec", probation->deadline);
    put("remaining-usec", probation->deadline > now ? probation->deadline - now : std::uint64_t{0});
    return wired;
}

} // namespace enforced::bus
