// SPDX-License-Identifier: GPL-2.0-or-later
/// Patterns over bytes, joined into one nondeterministic automaton.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace enforced::plan {

using ByteSet = std::bitset<256>;

/// A set of one byte.
ByteSet only(unsigned char);
/// Every byte there is.
ByteSet any_byte();
/// Every byte but this one.
ByteSet all_but(unsigned char);

/// A node stands for what has been matched of a pattern so far. Patterns are grown from `start` by step, loop
/// and join; those that begin alike share their nodes, so that a thousand rules below one directory cost the
/// subset construction one node for each byte of that directory, not a thousand.
class Nfa {
  public:
    using Node = std::uint32_t;
    using Group = std::uint32_t; // what a match means; many patterns may mean the same
    struct Move {
        std::uint32_t set; // index into sets()
        Node to;
    };
    struct State {
        std::vector<Move> moves;
        std::vector<Node> silent; // reached without a byte
        std::vector<Group> accepts;
        bool endless = false; // stays here on every byte: what it accepts is settled for good
    };

    static constexpr Node start = 0;

    Nfa();

    /// After one more byte out of `on`.
    Node step(Node from, const ByteSet& on);
    /// After the bytes of `text`.
    Node step(Node from, std::string_view text);
    /// After any number of bytes out of `on`, also none.
    Node loop(Node from, const ByteSet& on);
    /// Where several ways come together.
    Node join(std::vector<Node> ends);
    /// A pattern that ends here belongs to `group`.
    void accept(Node at, Group group);

    [[nodiscard]] const std::vector<State>& states() const { return states_; }
    [[nodiscard]] const std::vector<ByteSet>& sets() const { return sets_; }

  private:
    Node add();
    std::uint32_t intern(const ByteSet&);

    std::vector<State> states_;
    std::vector<ByteSet> sets_;
    std::unordered_map<ByteSet, std::uint32_t> set_ids_;
    std::unordered_map<std::uint64_t, Node> grown_; // (node, loop?, set) -> node
    std::unordered_map<std::u32string, Node> joined_;
};

/// Whether `to` can be reached from `from` over the bytes of `text`.
bool leads(const Nfa&, Nfa::Node from, std::string_view text, Nfa::Node to);

} // namespace enforced::plan
