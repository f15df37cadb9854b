// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "ctl/options.hpp"

namespace enforced::ctl {

using Document = nlohmann::ordered_json; // keeps the order in which keys are set

/// How a name of the D-Bus interface is written as a key: "NotInForce" and "not-in-force" are "not_in_force".
std::string json_key(std::string_view name);

/// A line, or several. What is not UTF-8 is replaced.
std::string json_text(const Document& document, Json format);

} // namespace enforced::ctl
