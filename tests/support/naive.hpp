// SPDX-License-Identifier: GPL-2.0-or-later
/// The meaning of policies, spelled out without an automaton and without the project's glob reader: slow, and
/// simple enough to be believed. What the compiler makes is compared with it.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/evaluate.hpp"
#include "policy/types.hpp"

namespace enforced::test {

/// Whether the glob, as it is written, matches the whole name.
bool naive_match(const std::string& glob, std::string_view name);

/// A verdict with the rule that decided by name: "web file.rule[2]"; empty if none had to.
struct NaiveAnswer {
    enforced_verdict verdict = ENFORCED_ALLOW;
    std::string rule;

    friend bool operator==(const NaiveAnswer&, const NaiveAnswer&) = default;
    friend std::ostream& operator<<(std::ostream& out, const NaiveAnswer& answer) {
        return out << "verdict " << answer.verdict << " by \"" << answer.rule << "\"";
    }
};

NaiveAnswer naive_by_name(std::span<const policy::Policy>, std::string_view name, enforced_access);
NaiveAnswer naive_by_identity(std::span<const policy::Policy>, std::string_view name, enforced_access);
NaiveAnswer naive_network(std::span<const policy::Policy>, const plan::Destination&);

/// An answer of the compiled tables in the same terms.
NaiveAnswer spell_out(const plan::Plan&, const plan::Answer&);

} // namespace enforced::test
