// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace enforced::plan {

/// What goes into the maps, byte for byte, and where.
struct Encoded {
    struct BankCells {
        std::uint32_t index; // in the map `banks`
        const Bank* cells;   // of the plan; the rest of the value is zero
    };
    struct SetValue {
        std::uint32_t id; // in the map `sets`
        enforced_set value;
    };
    std::vector<BankCells> banks;
    std::vector<SetValue> sets;
    enforced_names names{}; // for control.names[parity]
};

/// The plan in the banks and sets of `parity`, 0 or 1. Refers to the plan.
Encoded encode(const Plan&, unsigned parity);

/// The id of the set with this index.
std::uint32_t set_id(unsigned parity, std::uint32_t index);

} // namespace enforced::plan
