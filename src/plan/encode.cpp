// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/encode.hpp"

namespace enforced::plan {

std::uint32_t set_id(unsigned parity, std::uint32_t index) {
    return parity * ENFORCED_SETS + index;
}

Encoded encode(const Plan& plan, unsigned parity) {
    const std::uint32_t first_bank = parity * ENFORCED_BANKS;
    Encoded encoded{.banks = {}, .sets = {}, .names = plan.names};
    encoded.names.bank += first_bank;
    for (std::uint32_t i = 0; i < plan.banks.size(); i++)
        encoded.banks.push_back({first_bank + i, &plan.banks[i]});
    for (std::uint32_t i = 1; i < plan.sets.size(); i++) {
        encoded.sets.push_back({set_id(parity, i), plan.sets[i].value});
        encoded.sets.back().value.bank += first_bank;
    }
    return encoded;
}

} // namespace enforced::plan
