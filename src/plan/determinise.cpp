// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/determinise.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>
#include <utility>

namespace enforced::plan {
namespace {

using Node = Nfa::Node;
using Group = Nfa::Group;

constexpr Group no_group = ~Group{0};
constexpr Group many_groups = no_group - 1;

/// For each node the one group that can still match from it on, or that there are many.
std::vector<Group> sole_groups(const Nfa& nfa) {
    const auto& states = nfa.states();
    std::vector<std::vector<Node>> sources(states.size());
    std::vector<Group> sole(states.size(), no_group);
    std::vector<Node> todo;

    const auto merge = [&](Node node, Group group) {
        const Group merged = sole[node] == no_group || sole[node] == group ? group : many_groups;
        if (merged != sole[node]) {
            sole[node] = merged;
            todo.push_back(node);
        }
    };
    for (Node node = 0; node < states.size(); node++) {
        for (const auto& move : states[node].moves)
            sources[move.to].push_back(node);
        for (const Node to : states[node].silent)
            sources[to].push_back(node);
        for (const Group group : states[node].accepts)
            merge(node, group);
    }
    while (!todo.empty()) {
        const Node node = todo.back();
        todo.pop_back();
        for (const Node source : sources[node])
            merge(source, sole[node]);
    }
    return sole;
}

/// Sets of nodes, numbered as they come up, their members in one pool.
class Subsets {
  public:
    Subsets() : index_(0, Hash{this}, Equal{this}) {}
    Subsets(const Subsets&) = delete;
    Subsets& operator=(const Subsets&) = delete;

    std::uint32_t number(std::span<const Node> nodes) {
        const auto id = static_cast<std::uint32_t>(spans_.size());
        spans_.push_back({pool_.size(), nodes.size()});
        pool_.insert(pool_.end(), nodes.begin(), nodes.end());
        const auto [found, fresh] = index_.insert(id);
        if (!fresh) {
            pool_.resize(spans_.back().first);
            spans_.pop_back();
        }
        return *found;
    }

    [[nodiscard]] std::span<const Node> nodes(std::uint32_t id) const {
        return std::span(pool_).subspan(spans_[id].first, spans_[id].second);
    }
    [[nodiscard]] std::size_t size() const { return spans_.size(); }
    [[nodiscard]] std::size_t pooled() const { return pool_.size(); }

  private:
    struct Hash {
        const Subsets* sets;
        std::size_t operator()(std::uint32_t id) const {
            std::uint64_t hash = 0xcbf29ce484222325;
            for (const Node node : sets->nodes(id))
                hash = (hash ^ node) * 0x9e3779b97f4a7c15 ^ hash >> 29;
            return hash;
        }
    };
    struct Equal {
        const Subsets* sets;
        bool operator()(std::uint32_t a, std::uint32_t b) const {
            return std::ranges::equal(sets->nodes(a), sets->nodes(b));
        }
    };

    std::vector<Node> pool_;
    std::vector<std::pair<std::size_t, std::size_t>> spans_;
    std::unordered_set<std::uint32_t, Hash, Equal> index_;
};

class Construction {
  public:
    Construction(const Nfa& nfa, const Absorbs& absorbs)
        : nfa_(nfa), absorbs_(absorbs), sole_(sole_groups(nfa)), seen_(nfa.states().size()) {
        label({});
    }

    std::expected<Determinised, Blowup> run() {
        state_of({Nfa::start});
        for (std::uint32_t id = 0; id < subsets_.size(); id++) {
            if (subsets_.size() > max_subset_states || subsets_.pooled() > max_subset_nodes)
                return std::unexpected(Blowup{subsets_.size()});
            expand(id);
        }
        return std::move(result_);
    }

  private:
    /// The number of the state for `nodes` and all that is reached from them without a byte.
    std::uint32_t state_of(std::vector<Node> nodes) {
        close(nodes);
        settle(nodes);
        std::ranges::sort(nodes);
        return subsets_.number(nodes);
    }

    void close(std::vector<Node>& nodes) {
        stamp_++;
        std::erase_if(nodes, [this](Node node) { return std::exchange(seen_[node], stamp_) == stamp_; });
        for (std::size_t i = 0; i < nodes.size(); i++)
            for (const Node node : nfa_.states()[nodes[i]].silent)
                if (std::exchange(seen_[node], stamp_) != stamp_)
                    nodes.push_back(node);
        // Nodes that have done their part in the closure only make equal states look different.
        std::erase_if(nodes, [this](Node node) {
            return nfa_.states()[node].moves.empty() && nfa_.states()[node].accepts.empty();
        });
    }

    void settle(std::vector<Node>& nodes) const {
        std::vector<std::pair<Group, Node>> settled;
        for (const Node node : nodes)
            if (nfa_.states()[node].endless)
                for (const Group group : nfa_.states()[node].accepts)
                    settled.emplace_back(group, node);
        if (settled.empty())
            return;
        std::ranges::sort(settled);
        std::erase_if(nodes, [&](Node node) { return idle(settled, node); });
    }

    /// Whether what can still come of `node` is settled already by another node.
    bool idle(const std::vector<std::pair<Group, Node>>& settled, Node node) const {
        const Group sole = sole_[node];
        if (sole == many_groups)
            return false;
        const bool settles = nfa_.states()[node].endless && !nfa_.states()[node].accepts.empty();
        const auto absorbs = [&](Group by, Group group) {
            return by == group || (absorbs_ && absorbs_(by, group));
        };
        return std::ranges::any_of(settled, [&](const auto& by) {
            if (by.second == node || !absorbs(by.first, sole))
                return false;
            // Of nodes that settle each other the first one stays.
            return !settles || !absorbs(sole, by.first) || by < std::pair(sole, node);
        });
    }

    std::uint32_t label(std::vector<Group> groups) {
        const auto [found, fresh] =
            label_ids_.try_emplace(groups, static_cast<std::uint32_t>(result_.labels.size()));
        if (fresh)
            result_.labels.push_back(std::move(groups));
        return found->second;
    }

    void expand(std::uint32_t id) {
        std::vector<Group> accepted;
        std::vector<const Nfa::Move*> wide; // those that fewer bytes are missing from than are in
        ByteSet spoken_of;
        for (const Node node : subsets_.nodes(id)) {
            const auto& state = nfa_.states()[node];
            accepted.insert(accepted.end(), state.accepts.begin(), state.accepts.end());
            for (const auto& move : state.moves) {
                const ByteSet& set = nfa_.sets()[move.set];
                if (set.count() > 128) {
                    wide.push_back(&move);
                    spoken_of |= ~set;
                    continue;
                }
                spoken_of |= set;
                for (std::size_t byte = set._Find_first(); byte < 256; byte = set._Find_next(byte))
                    narrow_[byte].push_back(move.to);
            }
        }
        std::ranges::sort(accepted);
        accepted.erase(std::ranges::unique(accepted).begin(), accepted.end());

        Dfa& dfa = result_.dfa;
        Dfa::State state{.first = static_cast<std::uint32_t>(dfa.edges.size()),
                         .label = label(std::move(accepted))};
        for (std::size_t byte = spoken_of._Find_first(); byte < 256; byte = spoken_of._Find_next(byte)) {
            std::vector<Node> nodes = std::exchange(narrow_[byte], {});
            for (const auto* move : wide)
                if (nfa_.sets()[move->set].test(byte))
                    nodes.push_back(move->to);
            dfa.edges.push_back({static_cast<std::uint8_t>(byte), state_of(std::move(nodes))});
        }
        std::vector<Node> rest;
        for (const auto* move : wide)
            rest.push_back(move->to);
        state.otherwise = state_of(std::move(rest));
        state.count = static_cast<std::uint32_t>(dfa.edges.size()) - state.first;
        dfa.states.push_back(state);
    }

    const Nfa& nfa_;
    const Absorbs& absorbs_;
    std::vector<Group> sole_;
    std::vector<std::uint64_t> seen_; // by node: the last closure it was in
    std::uint64_t stamp_ = 0;
    std::array<std::vector<Node>, 256> narrow_;
    Subsets subsets_;
    std::map<std::vector<Group>, std::uint32_t> label_ids_;
    Determinised result_;
};

} // namespace

std::expected<Determinised, Blowup> determinise(const Nfa& nfa, const Absorbs& absorbs) {
    return Construction(nfa, absorbs).run();
}

} // namespace enforced::plan
