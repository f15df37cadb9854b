// SPDX-License-Identifier: GPL-2.0-or-later
#define TOML_IMPLEMENTATION // its code is compiled here, once
#include "policy/parse/document.hpp"

#include <array>
#include <string>

#include "base/quote.hpp"
#include "policy/parse/disguise.hpp"
#include "policy/parse/text.hpp"

namespace enforced::policy {
namespace {

/// What to say instead of a complaint of toml++ that does not lead to the mistake.
struct Rewording {
    std::string_view complaint; // a part of what toml++ says
    std::string_view instead;
};

constexpr std::string_view no_value = "expected a value: a string in quotes, or a list in [ ]";
constexpr std::string_view open_string = "the string is not closed on its line";

constexpr std::array rewordings = {
    Rewording{"could not determine value type", no_value},
    Rewording{"expected value, saw", no_value},
    Rewording{"expected 'true'", no_value}, // a bare word that begins like this one
    Rewording{"expected 'false'", no_value},
    Rewording{"expected 'inf'", no_value},
    Rewording{"expected 'nan'", no_value},
    Rewording{"control characters other than TAB", open_string}, // others do not get past check_text
    Rewording{"expected comma or closing ']'", "the list goes on without a comma, or is not closed by \"]\""},
};

/// What to add to a complaint.
constexpr std::array<std::array<std::string_view, 2>, 2> advice = {{
    {"unknown escape sequence", "; in '...' instead of \"...\" a backslash stands for itself"},
    {"cannot redefine", "; each may be given once"},
}};

std::string reworded(std::string_view description) {
    const auto colon = description.find(": ");
    if (description.starts_with("Error while parsing ") && colon != std::string_view::npos)
        description.remove_prefix(colon + 2);
    for (const auto& each : rewordings) {
        if (description.find(each.complaint) != std::string_view::npos)
            return std::string(each.instead);
    }
    auto text = printable(description);
    for (const auto& [complaint, addition] : advice) {
        if (description.find(complaint) != std::string_view::npos)
            text += addition;
    }
    return text;
}

/// Keys stay in disguise: the tree is sorted by them.
void reveal_strings(toml::node& node) {
    if (auto* string = node.as_string())
        string->get() = reveal(string->get());
    if (auto* list = node.as_array()) {
        for (auto& element : *list)
            reveal_strings(element);
    }
    if (auto* table = node.as_table()) {
        for (auto&& [key, value] : *table)
            reveal_strings(value);
    }
}

} // namespace

std::optional<toml::table> read_document(std::string_view text, Report& report) {
    if (const auto fault = check_text(text)) {
        report.error(report.at_offset(fault->offset), fault->message);
        return std::nullopt;
    }
    auto result = toml::parse(std::string_view(disguise(text)), std::string_view{});
    if (!result) {
        const auto& error = result.error();
        report.error(report.at(place_of(error.source())),
                     "this is not TOML: " + reworded(reveal(error.description())));
        return std::nullopt;
    }
    reveal_strings(result.table());
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
