// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/evaluate.hpp"

#include "lib/automaton.h"
#include "plan/manager.hpp"

namespace enforced::plan {
namespace {

std::uint32_t follow(const __u64* bank, const enforced_dfa& dfa, std::string_view bytes) {
    return enforced_run(bank, &dfa, dfa.start, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                        static_cast<std::uint32_t>(bytes.size()));
}

} // namespace

std::string spell(const Destination& to) {
    std::string bytes{static_cast<char>(to.operation), static_cast<char>(to.protocol),
                      static_cast<char>(to.address.size() == 4 ? 4 : 6)};
    bytes.append(to.address.begin(), to.address.end());
    bytes += static_cast<char>(to.port >> 8);
    bytes += static_cast<char>(to.port & 0xff);
    return bytes;
}

Evaluator::Evaluator(const Plan& plan) : plan_(plan) {
    for (const auto& bank : plan.banks) {
        banks_.emplace_back(bank.begin(), bank.end());
        banks_.back().resize(ENFORCED_BANK_CELLS);
    }
}

std::uint32_t Evaluator::set_of(std::string_view path) const {
    const auto* bank = banks_[plan_.names.bank].data();
    const auto& dfa = plan_.names.dfa;
    return ENFORCED_CELL_LOW(enforced_accept(bank, &dfa, follow(bank, dfa, spell_unit(path))));
}

bool Evaluator::releases(std::uint32_t set, std::string_view path) const {
    const auto& dfa = value(set).release;
    return dfa.start != 0 &&
           ENFORCED_CELL_LOW(enforced_accept(bank(set), &dfa, follow(bank(set), dfa, path)));
}

std::uint32_t Evaluator::state(std::uint32_t set, std::string_view name) const {
    return follow(bank(set), value(set).paths, name);
}

std::uint64_t Evaluator::row_cell(std::uint32_t set, std::string_view name, std::uint32_t column) const {
    const auto& dfa = value(set).paths;
    if (dfa.start == 0)
        return column == 0 ? ENFORCED_FILE_ACCESS_MASK : 0;
    const std::uint32_t row = ENFORCED_CELL_LOW(enforced_accept(bank(set), &dfa, state(set, name)));
    return enforced_row_cell(bank(set), &dfa, row, ENFORCED_PATH_ROW_CELLS, column);
}

Answer Evaluator::by_name(std::uint32_t set, std::string_view name, enforced_access access) const {
    return read(set, row_cell(set, name, ENFORCED_ROW_BY_NAME + access));
}

Answer Evaluator::by_identity(std::uint32_t set, std::string_view name, enforced_access access) const {
    return read(set, row_cell(set, name, ENFORCED_ROW_BY_IDENTITY + access));
}

std::uint32_t Evaluator::permitted(std::uint32_t set, std::string_view name) const {
    return ENFORCED_CELL_LOW(row_cell(set, name, 0));
}

bool Evaluator::free_below(std::uint32_t set, std::string_view name) const {
    const auto& dfa = value(set).paths;
    return dfa.start == 0 ||
           ENFORCED_CELL_HIGH(enforced_accept(bank(set), &dfa, state(set, name))) & ENFORCED_STATE_FREE_BELOW;
}

Answer Evaluator::network(std::uint32_t set, const Destination& to) const {
    const auto& dfa = value(set).network;
    if (dfa.start == 0)
        return {};
    const std::uint32_t row =
        ENFORCED_CELL_LOW(enforced_accept(bank(set), &dfa, follow(bank(set), dfa, spell(to))));
    return read(set, enforced_row_cell(bank(set), &dfa, row, ENFORCED_NETWORK_ROW_CELLS, 0));
}

Answer Evaluator::family(std::uint32_t set, unsigned family, bool raw) const {
    if (!(value(set).flags & ENFORCED_SET_FAMILIES))
        return {};
    const unsigned known = family < ENFORCED_FAMILIES ? family : 0;
    return read(set, enforced_cell(bank(set), value(set).families + (raw ? ENFORCED_FAMILIES : 0) + known));
}

Answer Evaluator::capability(std::uint32_t set, unsigned number) const {
    if (!(value(set).flags & ENFORCED_SET_CAPABILITY))
        return {};
    return read(set, enforced_cell(bank(set), value(set).capabilities + number % ENFORCED_CAPABILITIES));
}

Answer Evaluator::kernel(std::uint32_t set, enforced_kernel_key key) const {
    if (!(value(set).flags & ENFORCED_SET_KERNEL(key)))
        return {};
    return read(set, enforced_cell(bank(set), value(set).kernel + key));
}

Answer Evaluator::read(std::uint32_t set, std::uint64_t cell) const {
    return {.verdict = static_cast<enforced_verdict>(ENFORCED_CELL_HIGH(cell)),
            .rule = ENFORCED_CELL_LOW(enforced_cell(bank(set), value(set).rules + ENFORCED_CELL_LOW(cell)))};
}

} // namespace enforced::plan
