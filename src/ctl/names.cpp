// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace enforced::ctl {

bool is_unit_name(const std::string& name) {
    static constexpr std::array<std::string_view, 6> types = {".service", ".scope", ".slice",
                                                              ".socket",  ".mount", ".swap"};
    return std::ranges::any_of(types, [&](std::string_view type) { return name.ends_with(type); });
}

std::string full_unit_name(const std::string& name) {
    return is_unit_name(name) ? name : name + ".service";
}

} // namespace enforced::ctl
