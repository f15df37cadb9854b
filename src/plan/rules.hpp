// SPDX-License-Identifier: GPL-2.0-or-later
/// The rules of policies, as events, counters and people name them.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"
#include "policy/types.hpp"

namespace enforced::plan {

/// Every rule of the policies, in their order, with ids that are unique among them. An id is made from what a
/// rule says, not from where it stands: it stays when rules come and go before it.
std::vector<Rule> list_rules(std::span<const policy::Policy* const>);

/// Ids by policy and key. Refers to the rules' strings.
using RuleIds = std::map<std::pair<std::string_view, std::string_view>, std::uint32_t>;

RuleIds index_rules(const std::vector<Rule>&);

/// "exec.deny[2]"
std::string element(std::string_view list, std::size_t index);

/// The rules that verdicts of one set refer to. Index 0 is nobody's: what is allowed needs no rule.
class Verdicts {
  public:
    explicit Verdicts(const RuleIds& known) : known_(known) {}

    /// The verdict cell which says that this rule decided.
    std::uint64_t cell(enforced_verdict, std::string_view policy, std::string_view key);

    /// Ids by the index that the cells hold.
    [[nodiscard]] const std::vector<std::uint64_t>& ids() const { return ids_; }

  private:
    const RuleIds& known_;
    std::map<std::uint32_t, std::uint32_t> indices_; // by id
    std::vector<std::uint64_t> ids_{0};
};

/// The severer of two verdict cells, the first of equal ones.
std::uint64_t severer(std::uint64_t first, std::uint64_t second);

} // namespace enforced::plan
