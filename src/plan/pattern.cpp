// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/pattern.hpp"

#include <netinet/in.h>

namespace enforced::plan {
namespace {

using Node = Nfa::Node;

ByteSet range(unsigned first, unsigned last) {
    ByteSet set;
    for (unsigned byte = first; byte <= last; byte++)
        set.set(byte);
    return set;
}

/// Adds the byte or bytes that one node of a glob stands for.
struct Grow {
    Nfa& nfa;
    Node from;

    Node operator()(const policy::GlobByte& byte) const { return nfa.step(from, only(byte.value)); }
    Node operator()(const policy::GlobSet& set) const { return nfa.step(from, set.bytes); }
    Node operator()(const policy::GlobStar&) const { return nfa.loop(from, all_but('/')); }
    Node operator()(const policy::GlobStarStar&) const { return nfa.loop(from, any_byte()); }
    Node operator()(const policy::GlobAlternatives& alternatives) const {
        std::vector<Node> ends;
        for (const auto& branch : alternatives.branches)
            ends.push_back(append(nfa, from, branch));
        return nfa.join(std::move(ends));
    }
};

Node protocol(Nfa& nfa, Node from, policy::Protocol protocol) {
    switch (protocol) {
    case policy::Protocol::tcp:
        return nfa.step(from, only(IPPROTO_TCP));
    case policy::Protocol::udp:
        return nfa.step(from, only(IPPROTO_UDP));
    case policy::Protocol::any:
        break;
    }
    return nfa.step(from, any_byte());
}

/// Family and address. `bits` leading ones of the address are given.
Node address(Nfa& nfa, Node from, bool ipv6, const std::array<std::uint8_t, 16>& bytes, unsigned bits) {
    Node node = nfa.step(from, only(ipv6 ? 6 : 4));
    for (unsigned i = 0; i < (ipv6 ? 16U : 4U); i++) {
        const unsigned given = bits > i * 8 ? std::min(bits - i * 8, 8U) : 0;
        const unsigned free = 0xffU >> given;
        const unsigned first = bytes[i] & ~free;
        node = nfa.step(node, range(first, first | free));
    }
    return node;
}

/// A range of ports is at most three of (high byte, low byte) pairs: its beginning, its middle, its end.
void port(Nfa& nfa, Node from, unsigned first, unsigned last, std::vector<Node>& ends) {
    const unsigned high = first >> 8;
    if (high == last >> 8) {
        ends.push_back(nfa.step(nfa.step(from, only(static_cast<unsigned char>(high))),
                                range(first & 0xff, last & 0xff)));
        return;
    }
    if ((first & 0xff) != 0) {
        port(nfa, from, first, first | 0xff, ends);
        port(nfa, from, (first | 0xff) + 1, last, ends);
        return;
    }
    if ((last & 0xff) != 0xff) {
        port(nfa, from, last & ~0xffU, last, ends);
        port(nfa, from, first, (last & ~0xffU) - 1, ends);
        return;
    }
    ends.push_back(nfa.step(nfa.step(from, range(high, last >> 8)), any_byte()));
}

} // namespace

Nfa::Node append(Nfa& nfa, Nfa::Node from, const policy::GlobSequence& glob) {
    for (const auto& node : glob)
        from = std::visit(Grow{nfa, from}, node.is);
    return from;
}

std::vector<Nfa::Node> append(Nfa& nfa, Nfa::Node from, const policy::Endpoint& endpoint) {
    const Node begin = protocol(nfa, from, endpoint.protocol);
    std::vector<Node> ends;
    for (const bool ipv6 : {false, true}) {
        if (endpoint.address && endpoint.address->ipv6 != ipv6)
            continue;
        const Node at = endpoint.address
                            ? address(nfa, begin, ipv6, endpoint.address->address, endpoint.address->prefix)
                            : address(nfa, begin, ipv6, {}, 0);
        port(nfa, at, endpoint.first_port, endpoint.last_port, ends);
    }
    return ends;
}

} // namespace enforced::plan
