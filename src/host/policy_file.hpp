// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace enforced::host {

/// What is at a path of a policy directory, or is to be there.
struct PolicyFile {
    std::string path;
    std::optional<std::string> text; // none: nothing, or a link
    bool masking_link = false;       // to /dev/null

    friend bool operator==(const PolicyFile&, const PolicyFile&) = default;
};

/// What is there now. Anything but a file, a masking link or nothing is an error.
Result<PolicyFile> look_at(const std::string& path);

/// Makes it so, whole or not at all. Directories are made where they are missing; a folder of amendments goes
/// with its last file.
Status put(const PolicyFile& file);

} // namespace enforced::host
