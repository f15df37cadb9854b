// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/explanation.hpp"

#include <string_view>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "ctl/tables.hpp"

namespace enforced::ctl {
namespace {

std::string place(const std::string& file, std::uint32_t line) {
    if (file.empty())
        return "";
    return line ? fmt::format("{}:{}", printable(file), line) : printable(file);
}

/// Each line of a text, made printable, behind so many blanks.
std::string indented(std::string_view text, unsigned blanks) {
    std::string lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = printable(text.substr(0, end));
        lines += line.empty() ? "\n" : std::string(blanks, ' ') + line + "\n";
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return lines;
}

std::string field(const char* title, const std::string& value) {
    return value.empty() ? "" : fmt::format("{:>9}: {}\n", title, value);
}

std::string allowers(const Explanation& explanation) {
    std::string lines;
    for (const Allower& each : explanation.allowed_by)
        lines += field("But for it", fmt::format("{} of policy {} would allow it, {}", printable(each.key),
                                                 printable(each.policy), place(each.file, each.line)));
    return lines;
}

std::string remedy(const Explanation& explanation) {
    if (!explanation.obstacle.empty())
        return "\nNo addition to the policy would allow it: " + printable(explanation.obstacle) + "\n";
    if (explanation.addition.empty())
        return "";
    return fmt::format("\nTo allow exactly this, if the unit should do it, put this into\n"
                       "/etc/enforced/policy.d/{}.toml.d/50-local.toml:\n\n{}\n"
                       "and then: enforcectl reload\n",
                       printable(explanation.policy), indented(explanation.addition, 2));
}

} // namespace

std::string draw(const Explanation& explanation, const Options& options) {
    std::string text = line_of(explanation.event, options.terminal) + "\n";
    text += field("Policy", printable(explanation.policy));
    std::string rule = printable(explanation.rule);
    if (const auto at = place(explanation.file, explanation.line); !at.empty())
        rule += ", " + at;
    text += field("Rule", rule);
    if (!explanation.text.empty())
        text += "\n" + indented(explanation.text, 11) + "\n";
    text += allowers(explanation);
    if (explanation.still)
        text +=
            field("Now", *explanation.still
                             ? tinted("what is in force would refuse it again", Tint::bad, options.terminal)
                             : tinted("what is in force would permit it", Tint::good, options.terminal));
    return text + remedy(explanation);
}

} // namespace enforced::ctl
