// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/passwd.hpp"

#include <pwd.h>

#include <cstdio>
#include <memory>

namespace enforced::host {

std::optional<std::uint32_t> find_user(const std::string& name, const std::string& file) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "re"), std::fclose);

    while (const passwd* entry = stream ? fgetpwent(stream.get()) : nullptr) {
        if (name == entry->pw_name)
            return entry->pw_uid;
    }
    return {};
}

} // namespace enforced::host
