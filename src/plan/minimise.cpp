// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/minimise.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace enforced::plan {
namespace {

using Id = std::uint32_t;

/// Divides the states into classes until all states of a class go on alike. A state is looked at again only
/// when one of its targets has changed its class, and the largest part of a divided class keeps its number:
/// n log n for what tries of paths are like, where Moore's rounds over all states would be quadratic.
class Partition {
  public:
    explicit Partition(const Dfa& dfa)
        : dfa_(dfa), class_(dfa.states.size()), place_(dfa.states.size()), touched_(dfa.states.size(), true),
          sources_first_(dfa.states.size() + 1) {
        index_sources();
        std::map<Id, Id> by_label;
        std::vector<Id> all(dfa.states.size());
        for (Id s = 0; s < all.size(); s++) {
            all[s] = s;
            const auto [found, fresh] =
                by_label.try_emplace(dfa.states[s].label, static_cast<Id>(members_.size()));
            if (fresh)
                members_.emplace_back();
            enter(s, found->second);
        }
        while (!all.empty())
            all = refine(std::move(all));
    }

    [[nodiscard]] Id class_of(Id state) const { return class_[state]; }
    [[nodiscard]] std::size_t size() const { return members_.size(); }

  private:
    using Signature = std::vector<std::uint64_t>;
    struct Split {
        Id from;
        std::vector<Id> states;
    };

    template<class Visit>
    void each_target(Id state, Visit visit) const {
        if (dfa_.states[state].count < 256)
            visit(dfa_.states[state].otherwise);
        for (const auto& edge : edges_of(dfa_, state))
            visit(edge.target);
    }

    void index_sources() {
        for (Id s = 0; s < dfa_.states.size(); s++)
            each_target(s, [&](Id to) { sources_first_[to + 1]++; });
        for (std::size_t i = 1; i < sources_first_.size(); i++)
            sources_first_[i] += sources_first_[i - 1];
        sources_.resize(sources_first_.back());
        std::vector<std::size_t> next(sources_first_.begin(), sources_first_.end() - 1);
        for (Id s = 0; s < dfa_.states.size(); s++)
            each_target(s, [&](Id to) { sources_[next[to]++] = s; });
    }

    void enter(Id state, Id to) {
        class_[state] = to;
        place_[state] = static_cast<Id>(members_[to].size());
        members_[to].push_back(state);
    }

    void leave(Id state) {
        auto& members = members_[class_[state]];
        members[place_[state]] = members.back();
        place_[members.back()] = place_[state];
        members.pop_back();
    }

    /// How a state goes on, in terms of classes. Edges into the class of all other bytes say nothing.
    [[nodiscard]] Signature signature(Id state) const {
        const Id otherwise = class_[dfa_.states[state].otherwise];
        Signature signature{otherwise};
        for (const auto& edge : edges_of(dfa_, state))
            if (class_[edge.target] != otherwise)
                signature.push_back(std::uint64_t{edge.byte} << 32 | class_[edge.target]);
        return signature;
    }

    /// Divides the classes of `states`, which are those that may differ from the rest of their class, and
    /// gives those that may differ now. All signatures are taken before any class is changed: members that
    /// are not in `states` have equal ones only as long as that is so.
    std::vector<Id> refine(std::vector<Id> states) {
        std::ranges::sort(states, {}, [this](Id s) { return std::pair(class_[s], s); });
        std::vector<Split> splits;
        for (std::size_t begin = 0, end = 0; begin < states.size(); begin = end) {
            const Id of = class_[states[begin]];
            while (end < states.size() && class_[states[end]] == of)
                end++;
            divide(of, std::span(states).subspan(begin, end - begin), splits);
        }
        for (const Id s : states)
            touched_[s] = false;

        std::vector<Id> moved;
        for (auto& split : splits) {
            const auto fresh = static_cast<Id>(members_.size());
            members_.emplace_back();
            for (const Id s : split.states) {
                leave(s);
                enter(s, fresh);
                moved.push_back(s);
            }
        }
        std::vector<Id> next;
        for (const Id s : moved)
            for (std::size_t i = sources_first_[s]; i < sources_first_[s + 1]; i++) {
                const Id source = sources_[i];
                if (!touched_[source]) {
                    touched_[source] = true;
                    next.push_back(source);
                }
            }
        return next;
    }

    void divide(Id of, std::span<const Id> states, std::vector<Split>& splits) const {
        const auto& members = members_[of];
        if (members.size() == 1)
            return;
        std::map<Signature, std::vector<Id>> parts;
        for (const Id s : states)
            parts[signature(s)].push_back(s);

        const std::vector<Id>* stays = nullptr;
        const std::size_t rest = members.size() - states.size();
        if (rest > 0) { // one of the others speaks for all of them
            const auto other = std::ranges::find_if(members, [this](Id s) { return !touched_[s]; });
            const auto part = parts.find(signature(*other));
            const std::size_t size = rest + (part == parts.end() ? 0 : part->second.size());
            const auto largest = std::ranges::max_element(
                parts, {}, [](const auto& candidate) { return candidate.second.size(); });
            if (size >= largest->second.size() || part == largest) {
                if (part != parts.end())
                    parts.erase(part);
            } else {
                // The others are fewer: they move, and with them the part that is like them.
                std::vector<Id> moving = part == parts.end() ? std::vector<Id>{} : std::move(part->second);
                if (part != parts.end())
                    parts.erase(part);
                std::ranges::copy_if(members, std::back_inserter(moving), [&](Id s) { return !touched_[s]; });
                std::ranges::sort(moving);
                splits.push_back({of, std::move(moving)});
                stays = &largest->second;
            }
        } else {
            stays = &std::ranges::max_element(parts, {}, [](const auto& part) {
                         return part.second.size();
                     })->second;
        }
        for (auto& [key, part] : parts)
            if (&part != stays)
                splits.push_back({of, std::move(part)});
    }

    const Dfa& dfa_;
    std::vector<Id> class_;
    std::vector<Id> place_; // of a state among the members of its class
    std::vector<bool> touched_;
    std::vector<std::vector<Id>> members_;
    std::vector<std::size_t> sources_first_; // states that lead to s: sources_[sources_first_[s]] and on
    std::vector<Id> sources_;
};

/// A state's edges and where other bytes lead, such that the most frequent target has no edges.
void append(Dfa& dfa, Id otherwise, std::vector<Dfa::Edge> edges, Id label) {
    std::erase_if(edges, [otherwise](const auto& edge) { return edge.target == otherwise; });
    std::map<Id, std::size_t> frequency{{otherwise, 256 - edges.size()}};
    for (const auto& edge : edges)
        frequency[edge.target]++;
    const auto best = std::ranges::max_element(frequency, {}, [](const auto& entry) { return entry.second; });
    if (best->second > frequency[otherwise]) {
        std::array<Id, 256> targets;
        targets.fill(otherwise);
        for (const auto& edge : edges)
            targets[edge.byte] = edge.target;
        edges.clear();
        for (unsigned byte = 0; byte < 256; byte++)
            if (targets[byte] != best->first)
                edges.push_back({static_cast<std::uint8_t>(byte), targets[byte]});
        otherwise = best->first;
    }
    dfa.states.push_back({.otherwise = otherwise,
                          .first = static_cast<Id>(dfa.edges.size()),
                          .count = static_cast<Id>(edges.size()),
                          .label = label});
    dfa.edges.insert(dfa.edges.end(), edges.begin(), edges.end());
}

} // namespace

Dfa minimise(const Dfa& dfa) {
    constexpr Id unnumbered = ~Id{0};
    const Partition partition(dfa);
    std::vector<Id> number(partition.size(), unnumbered);
    std::vector<Id> order{0}; // a representative of each class, as they are reached
    number[partition.class_of(0)] = 0;
    const auto numbered = [&](Id state) {
        Id& of = number[partition.class_of(state)];
        if (of == unnumbered) {
            of = static_cast<Id>(order.size());
            order.push_back(state);
        }
        return of;
    };

    Dfa result;
    for (Id i = 0; i < order.size(); i++) {
        const auto& state = dfa.states[order[i]];
        std::vector<Dfa::Edge> edges;
        for (const auto& edge : edges_of(dfa, order[i]))
            edges.push_back({edge.byte, numbered(edge.target)});
        const Id otherwise = edges.size() == 256 ? edges.front().target : numbered(state.otherwise);
        append(result, otherwise, std::move(edges), state.label);
    }
    return result;
}

} // namespace enforced::plan
