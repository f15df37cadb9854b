// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>

#include "kernel/chore.hpp"
#include "kernel/errand.hpp"

namespace enforced::kernel {
namespace {

constexpr std::uint16_t discard_port = 9;

struct Loopback {
    sockaddr_storage address{};
    socklen_t size = 0;
};

Loopback loopback(bool ipv6, std::uint16_t port) {
    Loopback result;
    if (ipv6) {
        auto* address = reinterpret_cast<sockaddr_in6*>(&result.address);
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(port);
        address->sin6_addr = in6addr_loopback;
        result.size = sizeof(*address);
    } else {
        auto* address = reinterpret_cast<sockaddr_in*>(&result.address);
        address->sin_family = AF_INET;
        address->sin_port = htons(port);
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        result.size = sizeof(*address);
    }
    return result;
}

int wait_for(const Fd& socket) {
    constexpr int enough = 100; // ms; it is all within this machine
    pollfd waiting = {.fd = socket.get(), .events = POLLOUT, .revents = 0};
    if (poll(&waiting, 1, enough) == 0)
        return not_told;
    int error = 0;
    socklen_t size = sizeof(error);
    return told(getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size)) ? errno : error;
}

/// With the process's number.
int mark(const Fd& socket) {
    const int number = getpid();
    return setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &number, sizeof(number));
}

/// What is dropped on its way is not told of: no answer comes. `address` is that of a TCP socket on this
/// machine.
int ask_for_connection(const sockaddr* address, socklen_t size) {
    const Fd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!client || mark(client) < 0)
        return errno;
    const int error = told(connect(client.get(), address, size));
    return error == EINPROGRESS ? wait_for(client) : error;
}

} // namespace

int connect_to(const Fd& socket, bool ipv6) {
    const Loopback to = loopback(ipv6, discard_port);
    if (!socket)
        return not_needed;
    return told(connect(socket.get(), reinterpret_cast<const sockaddr*>(&to.address), to.size));
}

int bind_to(const Fd& socket, bool ipv6) {
    const Loopback to = loopback(ipv6, 0);
    if (!socket)
        return not_needed;
    return told(bind(socket.get(), reinterpret_cast<const sockaddr*>(&to.address), to.size));
}

int send_to(const Fd& socket, bool ipv6) {
    const Loopback to = loopback(ipv6, discard_port);
    if (!socket)
        return not_needed;
    return told(
        sendto(socket.get(), "", 0, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to.address), to.size));
}

int connect_to_marked() {
    Loopback here = loopback(false, 0);
    auto* address = reinterpret_cast<sockaddr*>(&here.address);
    const Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (mark(listener) < 0 || bind(listener.get(), address, here.size) < 0 || listen(listener.get(), 1) < 0 ||
        getsockname(listener.get(), address, &here.size) < 0)
        return errno;
    return ask_for_connection(address, here.size);
}

int connect_to_nobody() {
    const Loopback to = loopback(false, discard_port);
    const int error = ask_for_connection(reinterpret_cast<const sockaddr*>(&to.address), to.size);
    return error == ECONNREFUSED ? 0 : error;
}

int connect_to_local(const Fd& peer, int type) {
    sockaddr_un address{};
    socklen_t size = sizeof(address);
    const Fd client(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (getsockname(peer.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0)
        return errno;
    return told(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size));
}

int bind_nameless(const Fd& socket) {
    const sockaddr_un nameless = {.sun_family = AF_UNIX, .sun_path = {}};
    return told(bind(socket.get(), reinterpret_cast<const sockaddr*>(&nameless), sizeof(sa_family_t)));
}

} // namespace enforced::kernel
