// SPDX-License-Identifier: GPL-2.0-or-later
#define TOML_IMPLEMENTATION // its code is compiled here, once
#include "policy/parse/document.hpp"

#include <array>
#include <string>

#include "base/quote.hpp"
#include "policy/parse/text.hpp"

namespace enforced::policy {
namespace {

struct Hint {
    std::string_view complaint; // a part of what toml++ says
    std::string_view advice;
};

constexpr std::array hints = {
    Hint{"could not determine value type", "; a string stands in quotes, a list in [ ]"},
    Hint{"expected value, saw", "; a string stands in quotes, a list in [ ]"},
    Hint{"expected comma or closing ']'", "; is a comma or a \"]\" missing on the line before?"},
    Hint{"unescaped control characters", "; is a closing quote missing?"},
    Hint{"control characters other than TAB", "; is a closing quote missing?"},
    Hint{"unknown escape sequence", "; in '...' instead of \"...\" a backslash stands for itself"},
    Hint{"cannot redefine", "; each may be given once"},
};

/// What toml++ says, without the part that names its own functions.
std::string reworded(std::string_view description) {
    if (description.starts_with("Error while parsing "))
        description.remove_prefix(description.find_first_of(':') + 2);
    std::string text = "this is not TOML: " + printable(description);
    for (const auto& hint : hints) {
        if (description.find(hint.complaint) != std::string_view::npos)
            return text.append(hint.advice);
    }
    return text;
}

} // namespace

std::optional<toml::table> read_document(std::string_view text, Report& report) {
    if (const auto fault = check_text(text)) {
        report.error(report.at_offset(fault->offset), fault->message);
        return std::nullopt;
    }
    auto result = toml::parse(text, std::string_view{});
    if (!result) {
        const auto& error = result.error();
        report.error(report.at(place_of(error.source())), reworded(error.description()));
        return std::nullopt;
    }
    return std::move(result).table();
}

std::string_view kind_of(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a string";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a number";
    case toml::node_type::boolean:
        return "a boolean";
    default:
        return "a date or time";
    }
}

} // namespace enforced::policy
