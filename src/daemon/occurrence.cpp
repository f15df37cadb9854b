// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/occurrence.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "daemon/deed.hpp"
#include "daemon/trespass.hpp"
#include "policy/capability.hpp"
#include "policy/family.hpp"

namespace enforced::daemon {
namespace {

/// The programs write a text so that it ends where its room ends.
template<std::size_t size>
std::string tail(const char (&text)[size], std::uint32_t length) {
    const std::size_t known = std::min<std::size_t>(size, length);
    return {text + size - known, known};
}

std::string protocol_name(const enforced_event& event) {
    switch (event.protocol) {
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    default:
        return fmt::format("protocol-{}", event.protocol);
    }
}

/// As a policy would have it: "tcp:192.0.2.1:80", "udp:[2001:db8::1]:53".
std::string endpoint(const enforced_event& event) {
    char text[INET6_ADDRSTRLEN] = {};

    inet_ntop(event.family, event.address, text, sizeof(text));
    if (event.family == AF_INET6)
        return fmt::format("{}:[{}]:{}", protocol_name(event), text, event.port);
    return fmt::format("{}:{}:{}", protocol_name(event), text, event.port);
}

/// Whoever connects has a port that says nothing: "tcp:192.0.2.1", "tcp:[2001:db8::1]".
std::string peer(const enforced_event& event) {
    const std::string text = endpoint(event);
    return text.substr(0, text.rfind(':'));
}

std::string socket_kind(const enforced_event& event) {
    std::string family = fmt::format("family-{}", event.family);

    for (const std::string_view name : policy::family_names()) {
        if (policy::family_number(name) == event.family)
            family = name;
    }
    switch (event.type) {
    case SOCK_STREAM:
        return family + " stream";
    case SOCK_DGRAM:
        return family + " dgram";
    case SOCK_RAW:
        return family + " raw";
    case SOCK_SEQPACKET:
        return family + " seqpacket";
    case SOCK_PACKET:
        return family + " packet";
    default:
        return fmt::format("{} type-{}", family, event.type);
    }
}

std::string capability(const enforced_event& event) {
    const auto name = policy::capability_name(event.number);
    return name ? std::string(*name) : fmt::format("capability-{}", event.number);
}

std::string object_of(const enforced_event& event) {
    if (event.operation >= ENFORCED_OP_SELF)
        return trespass_object(event, tail(event.object, event.object_length));
    if (event.operation >= ENFORCED_OP_KERNEL(0))
        return deed_object(event, tail(event.object, event.object_length));
    switch (event.operation) {
    case ENFORCED_OP_FAMILY:
        return socket_kind(event);
    case ENFORCED_OP_CONNECT:
    case ENFORCED_OP_BIND:
        return endpoint(event);
    case ENFORCED_OP_ACCEPT:
        return peer(event);
    case ENFORCED_OP_CAPABILITY:
        return capability(event);
    default:
        return tail(event.object, event.object_length);
    }
}

} // namespace

Occurrence describe(const enforced_event& event) {
    Occurrence occurrence;

    occurrence.unit = event.unit;
    occurrence.rule = event.rule;
    occurrence.verdict = event.verdict;
    occurrence.class_ = event.class_;
    occurrence.operation = event.operation;
    occurrence.detailed = true;
    occurrence.flags = event.flags;
    occurrence.pid = event.pid;
    occurrence.uid = event.uid;
    occurrence.gid = event.gid;
    occurrence.comm.assign(event.comm, strnlen(event.comm, sizeof(event.comm)));
    occurrence.exe = tail(event.exe, event.exe_length);
    occurrence.object = object_of(event);
    occurrence.inode = event.ino;
    occurrence.device = event.dev;
    return occurrence;
}

Occurrence describe(const enforced_repeat& repeat) {
    Occurrence occurrence;

    occurrence.unit = repeat.unit;
    occurrence.rule = repeat.rule;
    occurrence.verdict = repeat.verdict;
    occurrence.class_ = repeat.class_;
    occurrence.operation = repeat.operation;
    return occurrence;
}

Occurrence describe(const enforced_counter_key& counter) {
    Occurrence occurrence;

    occurrence.unit = counter.unit;
    occurrence.rule = counter.rule;
    occurrence.verdict = counter.verdict;
    return occurrence;
}

} // namespace enforced::daemon
