// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/explanation.hpp"

#include <set>
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

std::string name_of(const Party& party) {
    const auto at = place(party.file, party.line);
    return fmt::format("{} of policy {}{}", printable(party.key), printable(party.policy),
                       at.empty() ? "" : ", " + at);
}

std::string parties(const Explanation& explanation) {
    std::string lines;
    for (const Party& each : explanation.refused_by)
        lines += field(each.remark.c_str(), name_of(each));
    for (const Party& each : explanation.allowed_by)
        lines += field("allow", name_of(each) + (each.remark.empty() ? "" : ": " + printable(each.remark)));
    return lines;
}

std::string now(const Explanation& explanation, const Options& options) {
    if (!explanation.still)
        return field("Now", "whether it would be refused again depends on more than the event tells");
    return field("Now", *explanation.still
                            ? tinted("what is in force would refuse it again", Tint::bad, options.terminal)
                            : tinted("what is in force would permit it", Tint::good, options.terminal));
}

/// `copied` are the files that earlier steps made.
std::string step(const Remedy& remedy, std::set<std::string>& copied) {
    const auto file = printable(remedy.file);
    std::string text;
    if (!remedy.original.empty() && copied.insert(remedy.file).second)
        text += fmt::format("Copy {} to {}.\n", printable(remedy.original), file);
    if (remedy.kind == "amend")
        return text + fmt::format("Put this into {}:\n\n{}\n", file, indented(remedy.text, 2));
    if (remedy.text.empty())
        return text + fmt::format("Remove the rule at line {} of {}.\n\n", remedy.line, file);
    return text + fmt::format("Replace the rule at line {} of {} by this:\n\n{}\n", remedy.line, file,
                              indented(remedy.text, 2));
}

std::string remedy(const Explanation& explanation) {
    if (!explanation.obstacle.empty())
        return "\nThere is no change that would permit just this: " + printable(explanation.obstacle) + "\n";
    if (explanation.changes.empty())
        return "";
    std::string text = "\nTo permit this, if the unit should do it:\n\n";
    std::set<std::string> copied;
    for (const Remedy& each : explanation.changes)
        text += step(each, copied);
    if (!explanation.beyond.empty())
        text += "It would permit as well: " + printable(explanation.beyond) + "\n";
    return text + "Then: enforcectl reload\n";
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
    text += now(explanation, options) + parties(explanation);
    return text + remedy(explanation);
}

} // namespace enforced::ctl
