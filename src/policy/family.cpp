// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/family.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/nearest.hpp"

namespace enforced::policy {
namespace {

struct Named {
    std::string_view name;
    int number;
};

constexpr std::array families = {
    Named{"unix", AF_UNIX},
    Named{"inet", AF_INET},
    Named{"inet6", AF_INET6},
    Named{"netlink", AF_NETLINK},
    Named{"packet", AF_PACKET},
    Named{"vsock", AF_VSOCK},
    Named{"alg", AF_ALG},
    Named{"bluetooth", AF_BLUETOOTH},
    Named{"can", AF_CAN},
    Named{"key", AF_KEY},
    Named{"tipc", AF_TIPC},
    Named{"xdp", AF_XDP},
    Named{"appletalk", AF_APPLETALK},
    Named{"ash", AF_ASH},
    Named{"atmpvc", AF_ATMPVC},
    Named{"atmsvc", AF_ATMSVC},
    Named{"ax25", AF_AX25},
    Named{"bridge", AF_BRIDGE},
    Named{"caif", AF_CAIF},
    Named{"decnet", AF_DECnet},
    Named{"econet", AF_ECONET},
    Named{"ib", AF_IB},
    Named{"ieee802154", AF_IEEE802154},
    Named{"ipx", AF_IPX},
    Named{"irda", AF_IRDA},
    Named{"isdn", AF_ISDN},
    Named{"iucv", AF_IUCV},
    Named{"kcm", AF_KCM},
    Named{"llc", AF_LLC},
    Named{"mctp", AF_MCTP},
    Named{"mpls", AF_MPLS},
    Named{"netbeui", AF_NETBEUI},
    Named{"netrom", AF_NETROM},
    Named{"nfc", AF_NFC},
    Named{"phonet", AF_PHONET},
    Named{"pppox", AF_PPPOX},
    Named{"qipcrtr", AF_QIPCRTR},
    Named{"rds", AF_RDS},
    Named{"rose", AF_ROSE},
    Named{"rxrpc", AF_RXRPC},
    Named{"security", AF_SECURITY},
    Named{"smc", AF_SMC},
    Named{"sna", AF_SNA},
    Named{"wanpipe", AF_WANPIPE},
    Named{"x25", AF_X25},
};

constexpr auto names = [] {
    std::array<std::string_view, families.size()> all;
    std::ranges::transform(families, all.begin(), &Named::name);
    return all;
}();

/// Other words for a family, each beside its name.
constexpr std::array<std::array<std::string_view, 2>, 7> aliases = {{
    {"ipv4", "inet"},
    {"ip", "inet"},
    {"inet4", "inet"},
    {"ipv6", "inet6"},
    {"local", "unix"},
    {"file", "unix"},
    {"route", "netlink"},
}};

} // namespace

std::optional<int> family_number(std::string_view name) {
    const auto* found = std::ranges::find(families, name, &Named::name);
    return found == families.end() ? std::nullopt : std::optional(found->number);
}

std::span<const std::string_view> family_names() {
    return names;
}

std::optional<std::string_view> family_like(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (lower.starts_with("af_"))
        lower.erase(0, 3);
    for (const auto& [alias, family] : aliases) {
        if (lower == alias)
            return family;
    }
    return nearest(lower, names);
}

} // namespace enforced::policy
