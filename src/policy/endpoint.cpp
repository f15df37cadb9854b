// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/endpoint.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "policy/address.hpp"
#include "policy/number.hpp"

namespace enforced::policy {
namespace {

constexpr unsigned max_port = 65535;
constexpr std::array<std::string_view, 3> protocol_names = {"any", "tcp", "udp"}; // in the order of Protocol

std::unexpected<Fault> fault(std::string message, std::size_t offset = 0) {
    return std::unexpected(Fault{std::move(message), offset});
}

/// The same fault in the text of which `offset` bytes stand before what was looked at.
std::unexpected<Fault> moved(Fault found, std::size_t offset) {
    found.offset += offset;
    return std::unexpected(std::move(found));
}

bool consists_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

/// Reads a protocol, an address and ports out of one text, of which each step knows its offset.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) { endpoint_.text = text; }

    std::expected<Endpoint, Fault> read() {
        // A NUL among them would end the address for inet_pton, and hide what is behind it.
        const auto* blank = std::ranges::find_if(text_, [](unsigned char c) { return c <= ' '; });
        if (blank != text_.end())
            return fault("an endpoint holds no white space", static_cast<std::size_t>(blank - text_.begin()));
        const auto colon = text_.find(':');
        const auto protocol = std::ranges::find(protocol_names, text_.substr(0, colon));
        if (protocol == protocol_names.end())
            return no_protocol(text_.substr(0, colon));
        endpoint_.protocol = static_cast<Protocol>(protocol - protocol_names.begin());
        if (colon == std::string_view::npos || colon + 1 == text_.size())
            return fault("behind the protocol stands an address or a port; write " +
                             quote(std::string(*protocol) + ":*") + " for all of them",
                         text_.size());
        rest_ = colon + 1;
        if (text_[rest_] == '[')
            return read_bracketed();
        return read_plain();
    }

  private:
    [[nodiscard]] std::string_view rest() const { return text_.substr(rest_); }
    [[nodiscard]] std::string protocol() const { return std::string(text_.substr(0, rest_)); }

    [[nodiscard]] std::unexpected<Fault> no_protocol(std::string_view word) const {
        if (const auto close = nearest(word, protocol_names))
            return fault("unknown protocol " + quote(word) + "; did you mean " + quote(*close) + "?");
        if (consists_of(word.substr(0, 1), "0123456789[") && !word.empty())
            return fault("an endpoint begins with its protocol; write " + quote("tcp:" + std::string(text_)) +
                         ", or udp or any instead of tcp");
        return fault("an endpoint begins with its protocol, tcp, udp or any, not " + quote(word));
    }

    /// `[ADDRESS/BITS]:PORTS`
    std::expected<Endpoint, Fault> read_bracketed() {
        const auto close = text_.find(']');
        if (close == std::string_view::npos)
            return fault("\"[\" is not closed by \"]\"", rest_);
        const auto inner = text_.substr(rest_ + 1, close - rest_ - 1);
        if (parse_ipv4(inner))
            return fault("an IPv4 address stands without brackets: write " +
                             quote(protocol() + std::string(inner) + std::string(text_.substr(close + 1))),
                         rest_);
        const auto address = parse_ipv6(inner);
        if (!address)
            return moved(address.error(), rest_ + 1);
        endpoint_.address = *address;
        return read_behind(close + 1, inner);
    }

    std::expected<Endpoint, Fault> read_behind(std::size_t at, std::string_view address) {
        if (at == text_.size())
            return endpoint_;
        if (text_[at] == ':')
            return read_ports(at + 1);
        const auto end = std::min(text_.find(':', at), text_.size());
        if (text_[at] == '/')
            return fault("the number of leading bits stands within the brackets: write " +
                             quote(protocol() + "[" + std::string(address) +
                                   std::string(text_.substr(at, end - at)) + "]" +
                                   std::string(text_.substr(end))),
                         at);
        return fault("behind \"]\" stands \":\" and a port, or nothing", at);
    }

    /// `PORTS`, `ADDRESS` or `ADDRESS:PORTS`
    std::expected<Endpoint, Fault> read_plain() {
        if (std::ranges::count(rest(), ':') > 1)
            return not_bracketed();
        const auto colon = text_.find(':', rest_);
        const auto first = text_.substr(rest_, colon == std::string_view::npos ? colon : colon - rest_);
        if (colon == std::string_view::npos && consists_of(first, "0123456789-*,"))
            return read_ports(rest_);
        if (first == "*" || first.empty())
            return fault("every address is meant where none is given: write " +
                             quote(protocol() + std::string(text_.substr(colon + 1))),
                         rest_);
        if (!consists_of(first, "0123456789./"))
            return no_address(first);
        const auto address = parse_ipv4(first);
        if (!address)
            return moved(address.error(), rest_);
        endpoint_.address = *address;
        return colon == std::string_view::npos ? endpoint_ : read_ports(colon + 1);
    }

    [[nodiscard]] std::unexpected<Fault> not_bracketed() const {
        if (parse_ipv6(rest()))
            return fault("an IPv6 address stands in brackets: write " +
                             quote(protocol() + "[" + std::string(rest()) + "]"),
                         rest_);
        return fault("too many colons: an IPv6 address stands in brackets, as in \"tcp:[2001:db8::53]:53\"",
                     rest_);
    }

    [[nodiscard]] std::unexpected<Fault> no_address(std::string_view word) const {
        if (word == "localhost")
            return fault("rules go by addresses, not by names: write 127.0.0.0/8 and [::1]", rest_);
        if (consists_of(word, "0123456789./-"))
            return fault("addresses are ranges by their leading bits only, such as 10.0.0.0/8", rest_);
        return fault(
            "rules go by addresses and by numbers of ports: nothing looks up the name " + quote(word), rest_);
    }

    std::expected<Endpoint, Fault> read_ports(std::size_t at) {
        const auto text = text_.substr(at);
        if (text == "*")
            return endpoint_;
        if (const auto comma = text.find(','); comma != std::string_view::npos)
            return fault("one endpoint has one port or range: write " +
                             quote(std::string(text_.substr(0, at + comma))) + ", " +
                             quote(std::string(text_.substr(0, at)) + std::string(text.substr(comma + 1))),
                         at + comma);
        const auto dash = text.find('-');
        const auto first = parse_number(text.substr(0, dash), max_port);
        if (!first)
            return bad_port(text.substr(0, dash), at);
        auto last = first;
        if (dash != std::string_view::npos)
            last = parse_number(text.substr(dash + 1), max_port);
        if (!last)
            return bad_port(text.substr(dash + 1), at + dash + 1);
        if (*last < *first)
            return fault("the range of ports runs backwards: write " +
                             quote(std::to_string(*last) + "-" + std::to_string(*first)),
                         at);
        endpoint_.first_port = static_cast<std::uint16_t>(*first);
        endpoint_.last_port = static_cast<std::uint16_t>(*last);
        return endpoint_;
    }

    static std::unexpected<Fault> bad_port(std::string_view word, std::size_t offset) {
        if (word.size() > 1 && word.front() == '0' && consists_of(word, "0123456789"))
            return fault("a port has no leading zeros", offset);
        if (consists_of(word, "0123456789/") && word.find('/') != std::string_view::npos)
            return fault("the number of leading bits stands behind the address, before the port", offset);
        return fault("a port is a number from 0 to 65535, or \"*\", not " + quote(word) +
                         "; names are not looked up",
                     offset);
    }

    std::string_view text_;
    std::size_t rest_ = 0; // where what is behind the protocol begins
    Endpoint endpoint_;
};

} // namespace

std::expected<Endpoint, Fault> parse_endpoint(std::string_view text) {
    return Reader(text).read();
}

} // namespace enforced::policy
