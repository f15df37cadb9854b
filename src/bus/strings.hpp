// SPDX-License-Identifier: GPL-2.0-or-later
/// Strings that come from the bus, checked; strings that go to it, made fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bus/fault.hpp"

namespace enforced::bus {

Answer<void> check_policy_name(const std::string& name);
Answer<void> check_unit_name(const std::string& name);
/// "enforce", "audit", "off", or empty.
Answer<void> check_mode(const std::string& mode);

/// The path of the object that `name` has below `prefix`.
std::string encode_path(const char* prefix, const std::string& name);
/// The name that was encoded; none if the path is not directly below `prefix`.
std::optional<std::string> decode_path(const char* path, const char* prefix);

/// What D-Bus takes as a string, whatever the bytes: what is not UTF-8 is escaped.
std::string fit(std::string_view text);

} // namespace enforced::bus
