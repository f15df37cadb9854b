// SPDX-License-Identifier: GPL-2.0-or-later
/// What the canary does with sockets, all of it within this machine. Each returns an errno, or what else an
/// errand comes to.
#pragma once

#include "base/fd.hpp"

namespace enforced::kernel {

/// To and from the loopback address. A socket that could not be made is one that this machine does not have.
int connect_to(const Fd& socket, bool ipv6);
int bind_to(const Fd& socket, bool ipv6);
int send_to(const Fd& socket, bool ipv6);

/// Connects to a TCP socket which is marked with the process's number: the hook knows by that whose it is.
int connect_to_marked();
/// Connects by TCP, with such a mark, to a port at which nobody listens: it refuses, if it is asked.
int connect_to_nobody();
/// Connects to a local socket by another of the same type, SOCK_STREAM or SOCK_DGRAM.
int connect_to_local(const Fd& peer, int type);
/// Binds a local socket to a name that nobody else has.
int bind_nameless(const Fd& socket);

} // namespace enforced::kernel
