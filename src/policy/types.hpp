// SPDX-License-Identifier: GPL-2.0-or-later
/// A policy as the administrator means it: plain data, no text left to parse, every part with the place it
/// came from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/kernel.hpp"

namespace enforced::policy {

/// Where something stands. Two policies are equal if they mean the same, wherever they are written.
struct Location {
    std::string file;
    unsigned line = 0;   // from 1; 0: nowhere, a built-in
    unsigned column = 0; // in bytes, from 1

    friend bool operator==(const Location&, const Location&) { return true; }
};

/// A glob that is known to be well-formed, as it was written.
struct Glob {
    std::string text;
    Location at;

    friend bool operator==(const Glob&, const Glob&) = default;
};

/// Numbers of users, both ends included.
struct UserRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    friend bool operator==(const UserRange&, const UserRange&) = default;
};

struct User {
    std::string text;             // "alice", "1000", "1000-1999"
    std::optional<UserRange> ids; // none: a name that was not looked up yet
    Location at;

    friend bool operator==(const User& one, const User& other) { return one.text == other.text; }
};

enum class Mode { enforce, audit, off };
enum class OnUnsupported { refuse, warn };
enum class Permission { allow, deny };

/// A key whose value is allow or deny.
struct Switch {
    Permission value = Permission::allow;
    Location at;

    friend bool operator==(const Switch&, const Switch&) = default;
};

enum class Action { allow, deny, kill, audit };

/// Bits, in the order of enum enforced_access.
enum Access : std::uint32_t {
    access_read = 1 << 0,
    access_write = 1 << 1,
    access_create = 1 << 2,
    access_delete = 1 << 3,
    access_rename = 1 << 4,
    access_link = 1 << 5,
    access_attr = 1 << 6,
    access_all = (1 << 7) - 1,
};

struct FileRule {
    std::vector<Glob> path;
    std::vector<Glob> except;
    std::uint32_t access = 0;
    Action action = Action::deny;
    Location at;
    bool in_braces = false; // how it is written: { path = ..., ... }, as an element of a list

    friend bool operator==(const FileRule& one, const FileRule& other) {
        return one.path == other.path && one.except == other.except && one.access == other.access &&
               one.action == other.action;
    }
};

struct File {
    Switch default_;
    std::vector<FileRule> rules;
    Location at;

    friend bool operator==(const File&, const File&) = default;
};

struct Exec {
    Switch default_;
    std::vector<Glob> allow;
    std::vector<Glob> deny;
    std::vector<Glob> except; // what `deny` does not speak of
    std::vector<Glob> libraries;
    std::optional<Switch> anonymous;
    std::optional<Switch> writable_memory;
    Location at;

    friend bool operator==(const Exec&, const Exec&) = default;
};

enum class Protocol { any, tcp, udp };

/// Addresses that share `prefix` leading bits. IPv4 uses the first 4 bytes.
struct Cidr {
    bool ipv6 = false;
    std::array<std::uint8_t, 16> address{}; // network order, host bits zero
    unsigned prefix = 0;

    friend bool operator==(const Cidr&, const Cidr&) = default;
};

/// `tcp:10.0.0.0/8:5432`, `any:169.254.169.254`, `udp:[2001:db8::53]:53`, `tcp:80`, `tcp:*`.
struct Endpoint {
    Protocol protocol = Protocol::any;
    std::optional<Cidr> address; // none: every address of both families
    std::uint16_t first_port = 0;
    std::uint16_t last_port = 65535;
    std::string text; // as it was written
    Location at;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The lists of one operation of [network].
template<class Element>
struct Rules {
    std::vector<Element> allow;
    std::vector<Element> deny;
    std::vector<Element> except; // what `deny` does not speak of

    friend bool operator==(const Rules&, const Rules&) = default;
};

using EndpointRules = Rules<Endpoint>;
using SocketRules = Rules<Glob>; // of paths, or of abstract names, which begin with '@'

struct Family {
    int number = 0; // AF_*
    std::string name;
    Location at;

    friend bool operator==(const Family&, const Family&) = default;
};

struct Network {
    Switch default_;
    std::optional<std::vector<Family>> families; // none: every family
    Location families_at;
    EndpointRules connect;
    EndpointRules bind;
    EndpointRules accept; // of peers
    SocketRules unix_;
    Location at;

    friend bool operator==(const Network&, const Network&) = default;
};

struct NamedCapability {
    unsigned number = 0; // CAP_*
    std::string name;    // "net_admin", however it was written
    Location at;

    friend bool operator==(const NamedCapability&, const NamedCapability&) = default;
};

struct Capability {
    Switch default_;
    std::vector<NamedCapability> allow;
    std::vector<NamedCapability> deny;
    std::vector<NamedCapability> except;
    Location at;

    friend bool operator==(const Capability&, const Capability&) = default;
};

struct Kernel {
    std::array<std::optional<Switch>, kernel_names.size()> keys; // what is left out is allowed
    Location at;

    friend bool operator==(const Kernel&, const Kernel&) = default;
};

struct Policy {
    std::string name; // the file's stem
    std::string description;
    std::vector<Glob> units;      // of PID 1's
    std::vector<Glob> user_units; // of users' managers
    std::vector<User> users;      // whose; empty: everybody's
    Mode mode = Mode::enforce;
    OnUnsupported on_unsupported = OnUnsupported::refuse;
    std::vector<Glob> release_to;
    std::optional<File> file;
    std::optional<Exec> exec;
    std::optional<Network> network;
    std::optional<Capability> capability;
    std::optional<Kernel> kernel;
    Location at; // the file itself

    friend bool operator==(const Policy&, const Policy&) = default;
};

} // namespace enforced::policy
