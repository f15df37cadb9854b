// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/unit.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>

#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "policy/glob.hpp"

namespace enforced::policy {
namespace {

constexpr std::size_t max_unit_name = 255;

constexpr std::array<std::string_view, 6> suffixes = {".service", ".scope", ".slice",
                                                      ".socket",  ".mount", ".swap"};

constexpr std::array<std::string_view, 5> suffixes_without_processes = {".target", ".timer", ".path",
                                                                        ".device", ".automount"};

struct Reserved {
    std::string_view name;
    std::string_view why;
};

constexpr std::array reserved = {
    Reserved{"init.scope", "it holds PID 1, and a machine whose PID 1 is refused something stands still"},
    Reserved{"enforced.service",
             "it is the daemon that puts policies into force, and must be able to change them"},
    Reserved{"-.slice",
             "it holds every process, PID 1 and enforced among them; name the slices below it, such "
             "as system.slice and user.slice"},
};

constexpr std::array reserved_of_users = {
    Reserved{"init.scope", "it holds the user's manager itself; its unit is user@UID.service, among units"},
    Reserved{"-.slice", "it holds everything of the user's; name user@UID.service among units"},
};

bool belongs_into_name(unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(":-_.\\@").find(static_cast<char>(c)) != std::string_view::npos;
}

/// How many bytes of the suffix may be left to match, read from its end: bit n for n bytes.
using Left = std::bitset<16>;

Left backwards(const GlobSequence& sequence, std::string_view suffix, Left left);

Left step_back(const auto& matches, std::string_view suffix, Left left) {
    Left after;
    after[0] = left[0]; // the suffix is matched, what comes before may be anything
    for (std::size_t n = 1; n <= suffix.size(); ++n)
        after[n - 1] = after[n - 1] || (left[n] && matches(static_cast<unsigned char>(suffix[n - 1])));
    return after;
}

Left step_back(const GlobNode& node, std::string_view suffix, Left left) {
    if (const auto* byte = std::get_if<GlobByte>(&node.is))
        return step_back([&](unsigned char c) { return byte->value == c; }, suffix, left);
    if (const auto* set = std::get_if<GlobSet>(&node.is))
        return step_back([&](unsigned char c) { return set->bytes.test(c); }, suffix, left);
    Left after;
    if (const auto* alternatives = std::get_if<GlobAlternatives>(&node.is)) {
        for (const auto& branch : alternatives->branches)
            after |= backwards(branch, suffix, left);
        return after;
    }
    for (std::size_t n = 0; n <= suffix.size(); ++n) // a star may match any number of bytes
        after |= left >> n;
    return after;
}

Left backwards(const GlobSequence& sequence, std::string_view suffix, Left left) {
    for (const auto& node : std::views::reverse(sequence))
        left = step_back(node, suffix, left);
    return left;
}

bool can_end_in(const GlobSequence& glob, std::string_view suffix) {
    return backwards(glob, suffix, Left{}.set(suffix.size())).test(0);
}

std::optional<Fault> check_nodes(const GlobSequence& glob) {
    for (const auto& node : glob) {
        if (std::holds_alternative<GlobStarStar>(node.is))
            return Fault{R"("**" is for paths; in a unit's name write "*")", node.offset};
        if (const auto* alternatives = std::get_if<GlobAlternatives>(&node.is)) {
            for (const auto& branch : alternatives->branches) {
                if (const auto fault = check_nodes(branch))
                    return fault;
            }
        }
        const auto* byte = std::get_if<GlobByte>(&node.is);
        if (byte != nullptr && byte->value == '/')
            return Fault{"a unit is named without a path, such as \"nginx.service\"", node.offset};
        if (byte != nullptr && !belongs_into_name(byte->value))
            return Fault{"no unit's name holds this character: it has letters, digits and \":-_.\\@\"",
                         node.offset};
    }
    return std::nullopt;
}

/// A glob that can end in no suffix of a unit that has processes.
Fault without_suffix(std::string_view text, const GlobSequence& glob) {
    const auto dot = text.rfind('.');
    const auto suffix = dot == std::string_view::npos ? std::string_view{} : text.substr(dot);
    for (const auto other : suffixes_without_processes) {
        if (can_end_in(glob, other))
            return {"a " + std::string(other) +
                        " unit has no processes of its own; name the unit that it leads to",
                    dot};
    }
    if (const auto close = nearest(suffix, suffixes))
        return {"no unit's name ends in " + quote(suffix) + "; did you mean " +
                    quote(std::string(text.substr(0, dot)) + std::string(*close)) + "?",
                dot};
    return {"a unit's name ends in its type; did you mean " + quote(std::string(text) + ".service") + "?",
            text.size() - 1};
}

std::optional<Fault> check_name(const std::string& name, std::span<const Reserved> not_these) {
    for (const auto& unit : not_these) {
        if (name == unit.name)
            return Fault{name + " may not be named: " + std::string(unit.why), 0};
    }
    if (std::ranges::find(suffixes, name) != suffixes.end())
        return Fault{"a unit's name has something before its type", 0};
    if (const auto at = name.find("@."); at != std::string::npos)
        return Fault{"no unit of this name runs, it is a template: write " +
                         quote(name.substr(0, at + 1) + "*" + name.substr(at + 1)) + " for all its instances",
                     at};
    return std::nullopt;
}

std::optional<Fault> check(std::string_view text, std::span<const Reserved> not_these) {
    if (text.empty())
        return Fault{"the unit's name is empty", 0};
    if (text.size() > max_unit_name)
        return Fault{"no unit's name is longer than " + std::to_string(max_unit_name) + " bytes",
                     max_unit_name};
    const auto glob = parse_glob(text);
    if (!glob)
        return glob.error();
    if (const auto fault = check_nodes(*glob))
        return fault;
    if (std::ranges::none_of(suffixes, [&](auto suffix) { return can_end_in(*glob, suffix); }))
        return without_suffix(text, *glob);
    if (const auto name = literal(*glob))
        return check_name(*name, not_these);
    return std::nullopt;
}

} // namespace

std::optional<Fault> check_unit(std::string_view text) {
    return check(text, reserved);
}

std::optional<Fault> check_user_unit(std::string_view text) {
    return check(text, reserved_of_users);
}

} // namespace enforced::policy
