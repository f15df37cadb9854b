// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/manager.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <string>

namespace enforced::host {

bool has_executor() {
    for (const char* path : {"/usr/lib/systemd/systemd-executor", "/lib/systemd/systemd-executor"}) {
        struct stat status = {};
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0)
            return true;
    }
    return false;
}

bool is_in_setup(std::string_view stat) {
    // PID (COMM) STATE PPID ...; COMM may hold anything, also parentheses
    const std::size_t begin = stat.find('('), end = stat.rfind(')');
    if (begin == stat.npos || end == stat.npos || end < begin + 2)
        return false;
    return stat[begin + 1] == '(' && stat.substr(end).size() > 6 && stat.substr(end + 3).starts_with(" 1 ");
}

std::set<int> list_in_setup() {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir("/proc"), closedir);
    std::set<int> found;

    while (const dirent* entry = stream ? readdir(stream.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        std::string line;
        int pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{})
            continue;
        std::ifstream file("/proc/" + std::string(name) + "/stat");
        std::getline(file, line);
        if (is_in_setup(line))
            found.insert(pid);
    }
    return found;
}

} // namespace enforced::host
