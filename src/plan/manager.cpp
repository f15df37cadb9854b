// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/manager.hpp"

#include <algorithm>

namespace enforced::plan {
namespace {

constexpr std::string_view slice = ".slice";
constexpr std::string_view manager = "user@";
constexpr int manager_level = 3;

} // namespace

std::size_t user_offset(std::string_view cgroup) {
    std::size_t end = 0;

    for (int level = 1; level <= manager_level; level++) {
        const std::size_t begin = end + 1; // behind the slash
        if (begin >= cgroup.size())
            return 0;
        end = std::min(cgroup.find('/', begin), cgroup.size());
        const auto name = cgroup.substr(begin, end - begin);
        const bool is_slice = name.size() > slice.size() && name.ends_with(slice);
        if (level == manager_level)
            return !is_slice && name.starts_with(manager) && end < cgroup.size() ? end : 0;
        if (!is_slice)
            return 0;
    }
    return 0;
}

std::string spell_unit(std::string_view path) {
    std::string text(path);
    if (const std::size_t offset = user_offset(path))
        text[offset] = '\n';
    return text;
}

std::string unit_path(std::string_view spelled) {
    std::string path(spelled);
    std::ranges::replace(path, '\n', '/');
    return path;
}

} // namespace enforced::plan
