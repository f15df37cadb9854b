// SPDX-License-Identifier: GPL-2.0-or-later
/// What the kernel will answer, found out without it: from the bytes of a plan, by the matcher that the
/// programs are built with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plan/plan.hpp"

namespace enforced::plan {

struct Answer {
    enforced_verdict verdict = ENFORCED_ALLOW;
    std::uint32_t rule = 0; // id of the rule that decided; 0 if none had to

    friend bool operator==(const Answer&, const Answer&) = default;
};

/// Where something is sent, or bound. `address` is 4 or 16 bytes in network order.
struct Destination {
    enforced_network_op operation;
    std::uint8_t protocol;
    std::span<const std::uint8_t> address;
    std::uint16_t port;
};

/// The bytes that the network automaton reads: operation, protocol, family, address, port.
std::string spell(const Destination&);

class Evaluator {
  public:
    explicit Evaluator(const Plan&);

    /// The index of the set that governs a unit, 0 if none does. `path` is that of its cgroup.
    [[nodiscard]] std::uint32_t set_of(std::string_view path) const;
    /// Whether PID 1 may move a task of that set into a unit.
    [[nodiscard]] bool releases(std::uint32_t set, std::string_view path) const;

    /// The verdict on an object by the name under which the unit sees it.
    [[nodiscard]] Answer by_name(std::uint32_t set, std::string_view name, enforced_access) const;
    /// The verdict on an object that is reached under any name and known by this one.
    [[nodiscard]] Answer by_identity(std::uint32_t set, std::string_view name, enforced_access) const;
    /// Bits of enum enforced_access.
    [[nodiscard]] std::uint32_t permitted(std::uint32_t set, std::string_view name) const;
    /// Whether a directory of that name may get any other.
    [[nodiscard]] bool free_below(std::uint32_t set, std::string_view name) const;
    /// The state of the set's path automaton behind a name.
    [[nodiscard]] std::uint32_t state(std::uint32_t set, std::string_view name) const;

    [[nodiscard]] Answer network(std::uint32_t set, const Destination&) const;
    [[nodiscard]] Answer family(std::uint32_t set, unsigned family, bool raw) const;
    [[nodiscard]] Answer capability(std::uint32_t set, unsigned number) const;
    [[nodiscard]] Answer kernel(std::uint32_t set, enforced_kernel_key) const;

    /// What a verdict cell of a set says.
    [[nodiscard]] Answer read(std::uint32_t set, std::uint64_t cell) const;

  private:
    [[nodiscard]] const enforced_set& value(std::uint32_t set) const { return plan_.sets[set].value; }
    [[nodiscard]] const __u64* bank(std::uint32_t set) const { return banks_[value(set).bank].data(); }
    [[nodiscard]] std::uint64_t row_cell(std::uint32_t set, std::string_view name,
                                         std::uint32_t column) const;

    const Plan& plan_;
    std::vector<std::vector<__u64>> banks_; // whole: the matcher may look at any of a bank's cells
};

} // namespace enforced::plan
