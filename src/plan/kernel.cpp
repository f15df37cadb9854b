// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/kernel.hpp"

namespace enforced::plan {

static_assert(policy::kernel_names.size() == ENFORCED_KERNEL_KEYS &&
              policy::kernel_names[ENFORCED_KERNEL_SYSTEMD] == "systemd");

std::string kernel_rule(unsigned key) {
    return "kernel." + std::string(policy::kernel_names[key]);
}

KernelCells kernel_cells(std::span<const Member> members, Verdicts& verdicts) {
    KernelCells cells{};
    for (const auto& [policy, parts] : members)
        for (unsigned key = 0; key < cells.size(); key++)
            if (parts.kernel[key])
                cells[key] = severer(cells[key], verdicts.cell(in_mode(ENFORCED_DENY, policy->mode),
                                                               policy->name, kernel_rule(key)));
    return cells;
}

} // namespace enforced::plan
