// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/policy_file.hpp"

#include <unistd.h>

#include <string_view>

#include "host/atomic_file.hpp"
#include "policy/parse.hpp"

namespace enforced::host {
namespace {

constexpr const char* nothing = "/dev/null";

std::string directory_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

Status put_link(const std::string& path) {
    const std::string temporary = directory_of(path) + "/.link.new";
    if (auto removed = remove_file(temporary); !removed)
        return removed;
    if (symlink(nothing, temporary.c_str()) < 0 || rename(temporary.c_str(), path.c_str()) < 0)
        return failure("create " + path, errno);
    return {};
}

} // namespace

Result<PolicyFile> look_at(const std::string& path) {
    char target[16] = {};

    if (readlink(path.c_str(), target, sizeof(target) - 1) >= 0) {
        if (std::string_view(target) != nothing)
            return failure(path + " is a symbolic link, and not to /dev/null; put the file itself there");
        return PolicyFile{path, {}, true};
    }
    auto text = read_text(path, policy::max_policy_text);
    if (!text)
        return std::unexpected(text.error());
    return PolicyFile{path, std::move(*text), false};
}

Status put(const PolicyFile& file) {
    const std::string directory = directory_of(file.path);

    if (!file.text && !file.masking_link) {
        if (auto removed = remove_file(file.path); !removed)
            return removed;
        if (directory.ends_with(".toml.d"))
            (void)rmdir(directory.c_str()); // others may lie there
        return {};
    }
    if (auto made = make_directories(directory); !made)
        return made;
    return file.masking_link ? put_link(file.path) : write_text(file.path, *file.text);
}

} // namespace enforced::host
