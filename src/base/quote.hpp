// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace enforced {

/// `text` on one line and safe for a terminal: control characters, marks that turn the direction of writing
/// and what is not UTF-8 are written as escapes. For people: a backslash stands as it is.
std::string printable(std::string_view text);

/// `text` made printable, in double quotes; what is beyond `limit` bytes of it gives way to "...".
std::string quote(std::string_view text, std::size_t limit = 80);

} // namespace enforced
