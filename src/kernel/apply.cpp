// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/apply.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "kernel/rules.hpp"

namespace enforced::kernel {
namespace {

std::uint32_t next_parity(const Maps& maps) {
    return (maps.control().generation + 1) & 1;
}

Status check_size(const plan::Plan& plan) {
    if (plan.banks.size() > ENFORCED_BANKS)
        return failure(
            fmt::format("the policies make {} banks of tables, and there is room for {}; write fewer or "
                        "simpler globs, or fewer policies",
                        plan.banks.size(), ENFORCED_BANKS),
            E2BIG);
    if (plan.sets.size() > ENFORCED_SETS)
        return failure(
            fmt::format("the policies combine in {} ways on units, and there is room for {}; let fewer "
                        "policies name the same units",
                        plan.sets.size() - 1, ENFORCED_SETS - 1),
            E2BIG);
    for (const plan::Bank& bank : plan.banks) {
        if (bank.size() > ENFORCED_BANK_CELLS)
            return failure(
                fmt::format("a bank of tables has {} cells, and there is room for {}; write fewer or "
                            "simpler globs",
                            bank.size(), ENFORCED_BANK_CELLS),
                E2BIG);
    }
    return {};
}

/// Whatever is left of a plan that was never brought into force, or of the one before the last.
void remove_anchors(Maps& maps, std::uint32_t parity) {
    auto anchors = maps.anchors();
    for (const auto& [key, ignored] : anchors.entries()) {
        if (key.set / ENFORCED_SETS == parity)
            anchors.remove(key);
    }
}

Status write_anchors(std::span<const Identity> identities, Maps& maps, std::uint32_t parity) {
    auto anchors = maps.anchors();

    for (const Identity& identity : identities) {
        const enforced_anchor_key key = {identity.inode, identity.device,
                                         parity * ENFORCED_SETS + identity.set};
        const auto done = anchors.put(key, {identity.state, 0});
        if (!done && done.error().code != E2BIG)
            return done;
        if (!done)
            return failure(
                fmt::format("there is no room for the {} directories and files that deny rules name and "
                            "that were found (in either of two generations: {} at most)",
                            identities.size(), 65536),
                E2BIG);
    }
    return {};
}

/// What the programs remember of directories was found out with the anchors of before.
Status forget_directories(const Maps& maps) {
    const std::size_t size = maps.bytes("directories");
    auto memory = Mapped<std::byte>::map(maps.fd("directories"), size);

    if (!memory)
        return std::unexpected(memory.error());
    std::fill_n(&(*memory)[0], size, std::byte{0}); // which fits no key
    return {};
}

} // namespace

Status write_plan(const plan::Plan& plan, std::span<const Identity> identities, Maps& maps) {
    const std::uint32_t parity = next_parity(maps);
    auto sets = maps.sets();

    if (auto fits = check_size(plan); !fits)
        return fits;
    remove_anchors(maps, parity);
    for (std::size_t i = 0; i < plan.banks.size(); i++)
        std::copy(plan.banks[i].begin(), plan.banks[i].end(), maps.bank(parity * ENFORCED_BANKS + i));
    for (std::size_t i = 0; i < plan.sets.size(); i++) {
        enforced_set set = plan.sets[i].value;
        set.bank += parity * ENFORCED_BANKS;
        if (auto done = sets.put(static_cast<std::uint32_t>(parity * ENFORCED_SETS + i), set); !done)
            return done;
    }
    enforced_names names = plan.names;
    names.bank += parity * ENFORCED_BANKS;
    maps.control().names[parity] = names;
    if (auto done = keep_rules(plan.rules, maps); !done)
        return done;
    auto done = write_anchors(identities, maps, parity);
    if (!done)
        remove_anchors(maps, parity);
    return done;
}

Status switch_over(Maps& maps, Grace& grace) {
    const std::uint32_t old_parity = maps.control().generation & 1;
    std::uint32_t next = maps.control().generation + 1;

    if (!next) // 0 would mean that nothing is loaded; 2 has the parity of 0
        next = 2;
    std::atomic_ref(maps.control().generation).store(next, std::memory_order_release);
    if (auto waited = grace.wait(); !waited)
        return waited;
    remove_anchors(maps, old_parity);
    return {};
}

Status replace_anchors(std::span<const Identity> identities, Maps& maps, Grace& grace) {
    const std::uint32_t parity = maps.control().generation & 1;
    auto anchors = maps.anchors();
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>> wanted;

    if (auto done = write_anchors(identities, maps, parity); !done)
        return done;
    if (auto waited = grace.wait(); !waited)
        return waited;
    if (auto forgotten = forget_directories(maps); !forgotten)
        return forgotten;
    for (const Identity& identity : identities)
        wanted.emplace(parity * ENFORCED_SETS + identity.set, identity.device, identity.inode);
    for (const auto& [key, ignored] : anchors.entries()) {
        if (key.set / ENFORCED_SETS == parity && !wanted.contains({key.set, key.dev, key.ino}))
            anchors.remove(key);
    }
    return {};
}

} // namespace enforced::kernel
