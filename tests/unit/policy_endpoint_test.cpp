// SPDX-License-Identifier: GPL-2.0-or-later
/// What endpoints come to. What is wrong with bad ones stands in tests/policies/bad/endpoint-*.
#include "policy/endpoint.hpp"

#include <gtest/gtest.h>

#include "policy/address.hpp"

namespace enforced::policy {
namespace {

Endpoint parsed(std::string_view text) {
    const auto endpoint = parse_endpoint(text);
    EXPECT_TRUE(endpoint) << text << ": " << (endpoint ? "" : endpoint.error().message);
    return endpoint.value_or(Endpoint{});
}

void expect_ports(std::string_view text, unsigned first, unsigned last) {
    const auto endpoint = parsed(text);
    EXPECT_EQ(endpoint.first_port, first) << text;
    EXPECT_EQ(endpoint.last_port, last) << text;
}

TEST(Endpoint, HasAProtocol) {
    EXPECT_EQ(parsed("tcp:1").protocol, Protocol::tcp);
    EXPECT_EQ(parsed("udp:1").protocol, Protocol::udp);
    EXPECT_EQ(parsed("any:1").protocol, Protocol::any);
}

TEST(Endpoint, MeansEveryAddressWhereNoneIsGiven) {
    EXPECT_FALSE(parsed("tcp:80").address);
    EXPECT_FALSE(parsed("tcp:*").address);
}

TEST(Endpoint, MeansEveryPortWhereNoneIsGiven) {
    for (const auto* text : {"tcp:*", "tcp:10.0.0.0/8", "tcp:10.0.0.1:*", "tcp:[::1]", "tcp:[::1]:*"})
        expect_ports(text, 0, 65535);
}

TEST(Endpoint, HasAPortOrARange) {
    expect_ports("tcp:0", 0, 0);
    expect_ports("tcp:80", 80, 80);
    expect_ports("tcp:65535", 65535, 65535);
    expect_ports("tcp:8000-8099", 8000, 8099);
    expect_ports("tcp:10.0.0.1:0-65535", 0, 65535);
    expect_ports("tcp:[2001:db8::]:80-80", 80, 80);
}

TEST(Endpoint, KeepsItsText) {
    EXPECT_EQ(parsed("tcp:10.0.0.0/8:5432").text, "tcp:10.0.0.0/8:5432");
}

TEST(Address, IsInNetworkOrder) {
    const auto ipv4 = *parsed("tcp:10.1.2.0/24").address;
    EXPECT_FALSE(ipv4.ipv6);
    EXPECT_EQ(ipv4.prefix, 24U);
    EXPECT_EQ(ipv4.address, (std::array<std::uint8_t, 16>{10, 1, 2, 0}));
    const auto ipv6 = *parsed("tcp:[2001:db8::/32]").address;
    EXPECT_TRUE(ipv6.ipv6);
    EXPECT_EQ(ipv6.prefix, 32U);
    EXPECT_EQ(ipv6.address, (std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8}));
}

TEST(Address, HasItsWholeWidthWhereNoneIsGiven) {
    EXPECT_EQ(parsed("tcp:10.0.0.1").address->prefix, 32U);
    EXPECT_EQ(parsed("tcp:[::1]").address->prefix, 128U);
    EXPECT_EQ(parsed("tcp:0.0.0.0/0").address->prefix, 0U);
    EXPECT_EQ(parsed("tcp:[::/0]").address->prefix, 0U);
}

// Each bit of the host part alone is found, for each prefix.
TEST(Address, HasNoBitsBehindItsPrefix) {
    for (unsigned prefix = 0; prefix < 32; ++prefix) {
        for (unsigned bit = 0; bit < 32; ++bit) {
            Cidr cidr{.prefix = 32};
            cidr.address[bit / 8] = static_cast<std::uint8_t>(0x80U >> bit % 8);
            EXPECT_EQ(parse_ipv4(print(cidr) + "/" + std::to_string(prefix)).has_value(), bit < prefix)
                << print(cidr) << "/" << prefix;
        }
    }
    EXPECT_FALSE(parse_ipv6("8000::1/127"));
    EXPECT_TRUE(parse_ipv6("8000::2/127"));
    EXPECT_FALSE(parse_ipv6("8000::/0"));
}

TEST(Address, PrintsAsItIsRead) {
    for (const auto* text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.7"})
        EXPECT_EQ(print(parse_ipv4(text).value()), text);
    for (const auto* text : {"2001:db8::/32", "::/0", "::1"})
        EXPECT_EQ(print(parse_ipv6(text).value()), "[" + std::string(text) + "]");
}

TEST(Address, OfIpv4InIpv6ClothesIsRefusedWithItsOwn) {
    EXPECT_NE(parse_ipv6("::ffff:10.0.0.1").error().message.find("\"10.0.0.1\""), std::string::npos);
    EXPECT_NE(parse_ipv6("::ffff:0:0/96").error().message.find("\"0.0.0.0/0\""), std::string::npos);
    EXPECT_TRUE(parse_ipv6("::fffe:0:0/96"));
}

} // namespace
} // namespace enforced::policy
