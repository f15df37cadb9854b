// SPDX-License-Identifier: GPL-2.0-or-later
/// How the maps and programs do: what makes enforcement weaker without anybody being refused anything.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/links.hpp"
#include "kernel/maps.hpp"

namespace enforced::kernel {

/// How often the kernel did not run the program of a hook, since one was running already; only those with
/// any.
struct Misses {
    std::string hook;
    std::uint64_t count = 0;

    friend bool operator==(const Misses&, const Misses&) = default;
};
std::vector<Misses> find_misses(const Links& links);

struct Fill {
    std::string map;
    std::size_t entries = 0;
    std::size_t room = 0;
};
/// Of the maps that the programs fill, and whose fullness costs something.
std::vector<Fill> measure(const Maps& maps);

/// Forgets launches that began longer ago than that. Where the kernel skipped the program that sees tasks
/// end, they would be known for ever, and what was forked in them be free. One that does take so long goes
/// on; only its helpers are governed early.
void forget_old_launches(const Maps& maps, std::chrono::nanoseconds longest = std::chrono::minutes(10));

} // namespace enforced::kernel
