// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/mounts.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace enforced::host {
namespace {

/// The kernel writes blanks, newlines and backslashes as three octal digits.
std::string unescape(std::string_view field) {
    std::string text;

    for (std::size_t i = 0; i < field.size(); i++) {
        unsigned value = 0;
        if (field[i] == '\\' && i + 3 < field.size() &&
            std::from_chars(&field[i + 1], &field[i + 1] + 3, value, 8).ptr == &field[i + 1] + 3) {
            text += static_cast<char>(value);
            i += 3;
        } else {
            text += field[i];
        }
    }
    return text;
}

std::optional<Mount> parse_line(const std::string& line) {
    std::istringstream fields(line);
    std::string root, point, field;
    unsigned major = 0, minor = 0;
    char colon = 0;
    int parent = 0;
    Mount mount;

    if (!(fields >> mount.id >> parent >> major >> colon >> minor >> root >> point) || colon != ':')
        return {};
    mount.device = major << 20 | minor;
    mount.root = unescape(root);
    mount.point = unescape(point);
    while (fields >> field && field != "-") { // options, as many as there are
    }
    if (!(fields >> mount.type))
        return {};
    return mount;
}

} // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::vector<Mount> mounts;

    for (std::string line; std::getline(lines, line);) {
        if (auto mount = parse_line(line))
            mounts.push_back(std::move(*mount));
    }
    return mounts;
}

Result<std::vector<Mount>> read_mounts() {
    std::ifstream file("/proc/self/mountinfo");
    std::ostringstream text;

    if (!file || !(text << file.rdbuf()))
        return failure("/proc/self/mountinfo cannot be read; is /proc mounted?");
    return parse_mountinfo(text.str());
}

std::optional<std::string> find_cgroup_root(const std::vector<Mount>& mounts) {
    for (const Mount& mount : mounts) {
        if (mount.type == "cgroup2" && mount.root == "/")
            return mount.point;
    }
    return {};
}

} // namespace enforced::host
