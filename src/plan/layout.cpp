// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/layout.hpp"

#include <algorithm>
#include <numeric>

#include "abi/policy.h"

namespace enforced::plan {
namespace {

/// A bank holds, in this order: cell 0, which is state 0's and belongs to nobody; the cells of all states;
/// their accept cells; data; entries; and cells that stay zero. The entries are together and at the end,
/// since a row is read anywhere in the 256 cells from its base on: nothing but entries and zeros may lie
/// there, or else some other cell could look like an entry of the state.
struct Regions {
    std::size_t states = 0;
    std::size_t data = 0;
    std::size_t comb = 0;
};

void add(Regions& regions, const Image& image) {
    regions.states += image.states();
    regions.data += image.data().size();
    regions.comb += image.comb().size();
}

std::size_t cells(const Regions& regions) {
    return 2 * regions.states + regions.data + regions.comb;
}

std::uint64_t shifted(std::uint64_t cell, std::uint32_t low, std::uint32_t high) {
    return ENFORCED_CELL(ENFORCED_CELL_LOW(cell) + low, ENFORCED_CELL_HIGH(cell) + high);
}

/// Copies an image in behind what `used` already counts of a bank that is to hold `whole`.
Place put(Bank& bank, const Regions& whole, const Regions& used, const Image& image) {
    const auto states = static_cast<std::uint32_t>(1 + used.states);
    const auto accept = static_cast<std::uint32_t>(whole.states);
    const auto data = static_cast<std::uint32_t>(1 + 2 * whole.states + used.data);
    const auto comb = static_cast<std::uint32_t>(1 + 2 * whole.states + whole.data + used.comb);

    for (std::size_t i = 0; i < image.states(); i++) {
        bank[states + i] = shifted(image.state_cells()[i], comb, states);
        bank[accept + states + i] = image.accept_cells()[i];
    }
    std::ranges::copy(image.data(), bank.begin() + data);
    for (std::size_t i = 0; i < image.comb().size(); i++)
        if (image.comb()[i] != 0) // `check` is relative from 1 on, so that zero can say unused
            bank[comb + i] = shifted(image.comb()[i], states - 1, states);
    return {.bank = 0, .states = states, .accept = accept, .data = data};
}

} // namespace

Result<Layout> lay_out(std::span<const Image> images) {
    std::vector<std::size_t> order(images.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return images[i].cells(); });

    std::vector<Regions> wholes;
    std::vector<std::uint32_t> bank_of(images.size());
    for (const std::size_t i : order) {
        const auto fits = [&](const Regions& whole) { return cells(whole) + images[i].cells() <= bank_room; };
        const auto found = std::ranges::find_if(wholes, fits);
        bank_of[i] = static_cast<std::uint32_t>(found - wholes.begin());
        if (found == wholes.end())
            wholes.emplace_back();
        add(wholes[bank_of[i]], images[i]);
    }
    if (wholes.size() > ENFORCED_BANKS) {
        std::size_t needed = 0;
        for (const auto& image : images)
            needed += image.cells();
        return failure("the policies need " + std::to_string(needed) + " table cells in " +
                       std::to_string(wholes.size()) + " banks, and there are " +
                       std::to_string(ENFORCED_BANKS) + " banks of " + std::to_string(bank_room));
    }

    Layout layout;
    layout.places.resize(images.size());
    for (const Regions& whole : wholes)
        layout.banks.emplace_back(1 + cells(whole) + 255);
    std::vector<Regions> used(wholes.size());
    for (const std::size_t i : order) {
        const std::uint32_t bank = bank_of[i];
        layout.places[i] = put(layout.banks[bank], wholes[bank], used[bank], images[i]);
        layout.places[i].bank = bank;
        add(used[bank], images[i]);
    }
    return layout;
}

enforced_dfa dfa_at(const Place& place, const Extent& extent) {
    // State s of the bank has its cell at index s, so that `states` needs no bias.
    return {.states = 0,
            .accept = place.accept,
            .start = extent.start + place.states,
            .rows = place.data + extent.rows};
}

} // namespace enforced::plan
