// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <vector>

#include "abi/table.h"
#include "base/result.hpp"
#include "plan/image.hpp"
#include "plan/plan.hpp"

namespace enforced::plan {

/// Where an image came to lie: what is to be added to its numbers.
struct Place {
    std::uint32_t bank = 0;
    std::uint32_t states = 0; // to state numbers
    std::uint32_t accept = 0; // cell index of the accept cell of state 0, which does not exist
    std::uint32_t data = 0;   // to offsets into the image's data
};

struct Layout {
    std::vector<Bank> banks;
    std::vector<Place> places; // by image
};

/// The cells of a bank that images may fill: a row is read up to 255 cells beyond the last entry.
inline constexpr std::size_t bank_room = ENFORCED_BANK_CELLS - 256;

/// Lays the images into at most ENFORCED_BANKS banks, each image whole, large ones first, each where it fits
/// first. None may be larger than bank_room. An error gives the figures.
Result<Layout> lay_out(std::span<const Image> images);

/// The automaton as the programs are told of it.
enforced_dfa dfa_at(const Place&, const Extent&);

} // namespace enforced::plan
