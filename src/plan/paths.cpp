// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/paths.hpp"

#include <algorithm>
#include <map>

#include "plan/determinise.hpp"
#include "plan/minimise.hpp"
#include "plan/path_row.hpp"
#include "policy/glob.hpp"

namespace enforced::plan {
namespace {

/// How much a glob multiplies the automaton with, roughly: each `**` may begin anywhere.
std::size_t weight(const policy::GlobSequence& glob) {
    std::size_t sum = 0;
    for (const auto& node : glob) {
        if (std::holds_alternative<policy::GlobStarStar>(node.is))
            sum += 100;
        else if (std::holds_alternative<policy::GlobStar>(node.is))
            sum += 10;
        else if (std::holds_alternative<policy::GlobSet>(node.is))
            sum += 1;
        else if (const auto* alternatives = std::get_if<policy::GlobAlternatives>(&node.is))
            for (const auto& branch : alternatives->branches)
                sum += weight(branch);
    }
    return sum;
}

std::unexpected<Error> too_many_states(std::span<const Member> members,
                                       const std::vector<const policy::Glob*>& globs) {
    std::vector<std::pair<std::size_t, const policy::Glob*>> heavy;
    for (const auto* glob : globs)
        heavy.emplace_back(weight(*policy::parse_glob(glob->text)), glob);
    std::ranges::stable_sort(heavy, std::greater{}, [](const auto& entry) { return entry.first; });
    heavy.resize(std::min<std::size_t>(heavy.size(), 3));

    std::string message = members.size() == 1 ? "policy " : "policies ";
    for (std::size_t i = 0; i < members.size(); i++)
        message += (i == 0 ? "" : ", ") + members[i].policy->name;
    message += ": the path globs multiply to an automaton of more than " + std::to_string(max_subset_states) +
               " states; use fewer \"**\" and \"*\" in";
    for (std::size_t i = 0; i < heavy.size(); i++) {
        const auto& [sum, glob] = heavy[i];
        message += (i == 0 ? " \"" : ", \"") + glob->text + "\" (" + glob->at.file + ":" +
                   std::to_string(glob->at.line) + ")";
    }
    return failure(message);
}

/// Rows, each one once.
class Rows {
  public:
    std::uint32_t number(const PathRow& row) {
        const auto [found, fresh] = numbers_.try_emplace(row, static_cast<std::uint32_t>(numbers_.size()));
        if (fresh)
            cells_.insert(cells_.end(), row.begin(), row.end());
        return found->second;
    }
    [[nodiscard]] std::vector<std::uint64_t> cells() && { return std::move(cells_); }
    [[nodiscard]] bool permits_all(std::uint32_t row) const {
        return cells_[std::size_t{row} * ENFORCED_PATH_ROW_CELLS] == ENFORCED_FILE_ACCESS_MASK;
    }

  private:
    std::map<PathRow, std::uint32_t> numbers_;
    std::vector<std::uint64_t> cells_;
};

/// Whether a directory with that name, and all that is below it, permits every access.
std::vector<bool> free_below(const Dfa& dfa, const Rows& rows) {
    std::vector<bool> restricted(dfa.states.size());
    for (std::size_t s = 0; s < restricted.size(); s++)
        restricted[s] = !rows.permits_all(dfa.states[s].label);
    const std::vector<bool> leads_on = reaches(dfa, restricted);
    std::vector<bool> free(dfa.states.size());
    for (std::uint32_t s = 0; s < free.size(); s++)
        free[s] = !restricted[s] && !leads_on[run(dfa, s, "/")];
    return free;
}

} // namespace

Result<Table> compile_paths(std::span<const Member> members, Verdicts& verdicts) {
    const PathGroups groups(members);
    auto determinised = determinise(
        groups.nfa(), [&](Nfa::Group settled, Nfa::Group other) { return groups.absorbs(settled, other); });
    if (!determinised)
        return too_many_states(members, groups.globs());

    Rows rows;
    std::vector<std::uint32_t> row_of_label;
    for (const auto& label : determinised->labels)
        row_of_label.push_back(rows.number(path_row(members, groups.all(), label, verdicts)));
    for (auto& state : determinised->dfa.states)
        state.label = row_of_label[state.label];

    Table table{.dfa = minimise(determinised->dfa), .accepts = {}, .rows = {}};
    const auto free = free_below(table.dfa, rows);
    for (std::size_t s = 0; s < free.size(); s++)
        table.accepts.push_back(
            ENFORCED_CELL(table.dfa.states[s].label, free[s] ? ENFORCED_STATE_FREE_BELOW : 0));
    table.rows = std::move(rows).cells();
    return table;
}

} // namespace enforced::plan
