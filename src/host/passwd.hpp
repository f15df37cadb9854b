// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace enforced::host {

/// The number of a user in the file of local users. Others are not asked for: who knows them may be on the
/// network, which is not there yet when policies come into force, or is governed itself.
std::optional<std::uint32_t> find_user(const std::string& name, const std::string& file = "/etc/passwd");

} // namespace enforced::host
