// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "policy/parse/document.hpp"
#include "policy/parse/report.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// Each reads the table that `node` should be on top of what the section has already.
void read_file(const toml::node& node, Report&, File&);
void read_exec(const toml::node& node, Report&, Exec&);
void read_network(const toml::node& node, Report&, Network&);
void read_capability(const toml::node& node, Report&, Capability&);
void read_kernel(const toml::node& node, Report&, Kernel&);

} // namespace enforced::policy
