// SPDX-License-Identifier: GPL-2.0-or-later
/// TOML as toml++ reads it. What includes this, sees toml++: nothing outside this folder does.
#pragma once

#include <optional>
#include <string_view>

#include <toml++/toml.h>

#include "policy/parse/report.hpp"

namespace enforced::policy {

/// The text's keys and values, or none if it is no TOML that may be read; the report then says why. Keys are
/// in disguise (see disguise.hpp) where they are not ASCII.
std::optional<toml::table> read_document(std::string_view text, Report&);

inline Place place_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

inline Place place_of(const toml::node& node) {
    return place_of(node.source());
}

/// "a string", "an integer", "a list", ...
std::string_view kind_of(const toml::node&);

} // namespace enforced::policy
