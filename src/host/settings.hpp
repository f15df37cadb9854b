// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/confdir.hpp"
#include "policy/settings.hpp"

namespace enforced::host {

inline constexpr const char* settings_name = "enforced.toml";

/// The directories of enforced.toml and enforced.toml.d. Their order is their rank.
inline const std::vector<std::string> settings_directories = {"/usr/lib/enforced", "/run/enforced",
                                                              "/etc/enforced"};

struct ReadSettings {
    policy::Settings settings; // if there are errors, the built-in ones
    policy::Diagnostics diagnostics;
};

/// The files that settings may be made of, those of other names left out.
PolicyFiles read_settings_files(std::span<const std::string> directories, uid_t owner = 0);

/// Of files of one name that in the directory of the highest rank counts, as with policies; those of
/// enforced.toml.d are read after enforced.toml, in the order of their names.
ReadSettings read_settings(std::span<const std::string> directories, uid_t owner = 0);

} // namespace enforced::host
