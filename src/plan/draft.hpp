// SPDX-License-Identifier: GPL-2.0-or-later
/// A set before it has a place: its tables, and all that refers to them.
#pragma once

#include <optional>
#include <span>

#include "base/result.hpp"
#include "plan/image.hpp"
#include "plan/layout.hpp"
#include "plan/member.hpp"
#include "plan/objects.hpp"
#include "plan/rules.hpp"

namespace enforced::plan {

struct Draft {
    Image image;
    std::optional<Extent> paths;
    std::optional<Extent> network;
    std::optional<Extent> release;
    std::uint32_t families = 0; // offsets into the image's data
    std::uint32_t capabilities = 0;
    std::uint32_t kernel = 0;
    std::uint32_t rules = 0;
    std::uint32_t rule_count = 0;
    enforced_set value{};        // flags and the verdict cells that are not in tables
    std::vector<Anchor> anchors; // states as in the image
    std::vector<LinkScan> scans;
    std::vector<std::string> policies;
};

/// An error names the policies and says by how much they are too big.
Result<Draft> draft(std::span<const Member>, const RuleIds&);

/// The set as it is where its image came to lie.
Set settle(Draft, const Place&);

} // namespace enforced::plan
