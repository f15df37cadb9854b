// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "host/confdir.hpp"

namespace enforced::ctl {

/// The policy directories as the daemon reads them; with `root`, those of the system below that directory,
/// whose owner is then the one that files have to have.
host::PolicyFiles read_installed(const std::string& root);

/// What enforced.toml is made of, likewise; and what is wrong with it.
host::PolicyFiles read_installed_settings(const std::string& root);
policy::Diagnostics check_installed_settings(const std::string& root);

} // namespace enforced::ctl
