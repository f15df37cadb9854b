// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/quote.hpp"
#include "policy/number.hpp"

namespace enforced::policy {
namespace {

std::unexpected<Fault> fault(std::string message, std::size_t offset = 0) {
    return std::unexpected(Fault{std::move(message), offset});
}

unsigned width(const Cidr& cidr) {
    return cidr.ipv6 ? 128 : 32;
}

std::string print_address(const Cidr& cidr) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(cidr.ipv6 ? AF_INET6 : AF_INET, cidr.address.data(), text, sizeof text);
    return text;
}

/// The address without what lies behind the prefix.
Cidr network_of(Cidr cidr) {
    for (unsigned i = 0; i < cidr.address.size(); ++i) {
        const unsigned kept = std::clamp<int>(static_cast<int>(cidr.prefix) - static_cast<int>(i) * 8, 0, 8);
        cidr.address[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return cidr;
}

/// The number of bits that an IPv4 netmask such as 255.0.0.0 stands for.
std::optional<int> bits_of_netmask(std::string_view text) {
    in_addr mask{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &mask) != 1)
        return std::nullopt;
    const std::uint32_t bits = ntohl(mask.s_addr);
    const int ones = std::countl_one(bits);
    return std::popcount(bits) == ones ? std::optional(ones) : std::nullopt;
}

std::unexpected<Fault> bad_prefix(std::string_view bits, const Cidr& cidr, std::size_t offset) {
    if (const auto ones = bits_of_netmask(bits))
        return fault("a network is written with the number of its leading bits, here /" +
                         std::to_string(*ones),
                     offset);
    return fault("the number of leading bits is from 0 to " + std::to_string(width(cidr)) + ", not " +
                     quote(bits),
                 offset);
}

/// Reads the bits behind the address, if there are any, and completes `cidr` by them.
std::expected<Cidr, Fault> with_prefix(Cidr cidr, std::string_view text, std::size_t slash) {
    cidr.prefix = width(cidr);
    if (slash == std::string_view::npos)
        return cidr;
    const auto bits = text.substr(slash + 1);
    const auto prefix = parse_number(bits, width(cidr));
    if (!prefix)
        return bad_prefix(bits, cidr, slash + 1);
    const auto host = print(cidr);
    cidr.prefix = *prefix;
    if (network_of(cidr).address != cidr.address)
        return fault("the address has bits set behind its first " + std::to_string(*prefix) + ": write " +
                     quote(print(network_of(cidr))) + " for the network, or " + quote(host) +
                     " for the one address");
    return cidr;
}

bool is_ipv4_mapped(const Cidr& cidr) {
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return cidr.ipv6 && cidr.prefix >= 96 && std::equal(mapped.begin(), mapped.end(), cidr.address.begin());
}

std::string as_ipv4(const Cidr& mapped) {
    Cidr cidr{.prefix = mapped.prefix - 96};
    std::copy_n(mapped.address.begin() + 12, 4, cidr.address.begin());
    return print(cidr);
}

} // namespace

std::expected<Cidr, Fault> parse_ipv4(std::string_view text) {
    const auto slash = text.find('/');
    Cidr cidr;
    if (inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), cidr.address.data()) != 1)
        return fault(
            "an IPv4 address is four numbers from 0 to 255 without leading zeros, such as 192.0.2.7, not " +
            quote(text.substr(0, slash)));
    return with_prefix(cidr, text, slash);
}

std::expected<Cidr, Fault> parse_ipv6(std::string_view text) {
    if (const auto scope = text.find('%'); scope != std::string_view::npos)
        return fault("an address has no scope here: what is behind \"%\" names an interface of one host",
                     scope);
    const auto slash = text.find('/');
    Cidr cidr{.ipv6 = true};
    if (inet_pton(AF_INET6, std::string(text.substr(0, slash)).c_str(), cidr.address.data()) != 1)
        return fault(quote(text.substr(0, slash)) + " is not an IPv6 address such as 2001:db8::53");
    const auto complete = with_prefix(cidr, text, slash);
    if (complete && is_ipv4_mapped(*complete))
        return fault("the kernel takes an IPv4-mapped address for the IPv4 address: write " +
                     quote(as_ipv4(*complete)));
    return complete;
}

std::string print(const Cidr& cidr) {
    std::string text = print_address(cidr);
    if (cidr.prefix < width(cidr))
        text += "/" + std::to_string(cidr.prefix);
    return cidr.ipv6 ? "[" + text + "]" : text;
}

} // namespace enforced::policy
