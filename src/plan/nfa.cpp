// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/nfa.hpp"

#include <algorithm>

namespace enforced::plan {

ByteSet only(unsigned char byte) {
    ByteSet set;
    set.set(byte);
    return set;
}

ByteSet any_byte() {
    return ~ByteSet{};
}

ByteSet all_but(unsigned char byte) {
    return ~only(byte);
}

Nfa::Nfa() {
    add();
}

Nfa::Node Nfa::add() {
    states_.emplace_back();
    return static_cast<Node>(states_.size() - 1);
}

std::uint32_t Nfa::intern(const ByteSet& set) {
    const auto [found, fresh] = set_ids_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (fresh)
        sets_.push_back(set);
    return found->second;
}

Nfa::Node Nfa::step(Node from, const ByteSet& on) {
    const std::uint32_t set = intern(on);
    const auto [found, fresh] = grown_.try_emplace(std::uint64_t{from} << 32 | set << 1);
    if (fresh) {
        found->second = add();
        states_[from].moves.push_back({set, found->second});
    }
    return found->second;
}

Nfa::Node Nfa::step(Node from, std::string_view text) {
    for (const char c : text)
        from = step(from, only(static_cast<unsigned char>(c)));
    return from;
}

Nfa::Node Nfa::loop(Node from, const ByteSet& on) {
    const std::uint32_t set = intern(on);
    const auto [found, fresh] = grown_.try_emplace(std::uint64_t{from} << 32 | set << 1 | 1);
    if (fresh) {
        const Node node = add();
        found->second = node;
        states_[from].silent.push_back(node);
        states_[node].moves.push_back({set, node});
        states_[node].endless = on.all();
    }
    return found->second;
}

Nfa::Node Nfa::join(std::vector<Node> ends) {
    std::ranges::sort(ends);
    ends.erase(std::ranges::unique(ends).begin(), ends.end());
    if (ends.size() == 1)
        return ends.front();
    const auto [found, fresh] = joined_.try_emplace(std::u32string(ends.begin(), ends.end()));
    if (fresh) {
        found->second = add();
        for (const Node end : ends)
            states_[end].silent.push_back(found->second);
    }
    return found->second;
}

void Nfa::accept(Node at, Group group) {
    auto& accepts = states_[at].accepts;
    if (std::ranges::find(accepts, group) == accepts.end())
        accepts.push_back(group);
}

namespace {

/// Adds what is reached without a byte.
void close(const Nfa& nfa, std::vector<Nfa::Node>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); i++)
        for (const Nfa::Node node : nfa.states()[nodes[i]].silent)
            if (std::ranges::find(nodes, node) == nodes.end())
                nodes.push_back(node);
}

} // namespace

bool leads(const Nfa& nfa, Nfa::Node from, std::string_view text, Nfa::Node to) {
    std::vector<Nfa::Node> now{from};
    close(nfa, now);
    for (const char c : text) {
        std::vector<Nfa::Node> next;
        for (const Nfa::Node node : now)
            for (const auto& move : nfa.states()[node].moves)
                if (nfa.sets()[move.set].test(static_cast<unsigned char>(c)))
                    next.push_back(move.to);
        close(nfa, next);
        now = std::move(next);
    }
    return std::ranges::find(now, to) != now.end();
}

} // namespace enforced::plan
