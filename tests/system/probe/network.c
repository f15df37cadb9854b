/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets. PROTOCOL is tcp, udp, udplite, mptcp, sctp or ping, the socket's family that of the address unless
 * it is said to be another by a "4" or "6" at its end. */
#include "probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL_UDPLITE 136
#define PROTOCOL_MPTCP 262

unsigned read_address(const char* address, const char* port, void* storage) {
    struct sockaddr_in* ipv4 = storage;
    struct sockaddr_in6* ipv6 = storage;
    memset(storage, 0, sizeof(*ipv6));
    if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons((unsigned short)number(port));
        return sizeof(*ipv4);
    }
    if (inet_pton(AF_INET6, address, &ipv6->sin6_addr) != 1)
        return 0;
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons((unsigned short)number(port));
    return sizeof(*ipv6);
}

int make_socket(const char* protocol, const char* address) {
    static const struct {
        const char* name;
        int type, protocol;
    } known[] = {
        {"tcp", SOCK_STREAM, IPPROTO_TCP},         {"udp", SOCK_DGRAM, IPPROTO_UDP},
        {"udplite", SOCK_DGRAM, PROTOCOL_UDPLITE}, {"mptcp", SOCK_STREAM, PROTOCOL_MPTCP},
        {"ping", SOCK_DGRAM, IPPROTO_ICMP},        {"sctp", SOCK_STREAM, IPPROTO_SCTP},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        const size_t length = strlen(known[i].name);
        if (strncmp(protocol, known[i].name, length) || strlen(protocol) > length + 1)
            continue;
        int family = strchr(address, ':') ? AF_INET6 : AF_INET;
        if (protocol[length])
            family = protocol[length] == '6' ? AF_INET6 : AF_INET;
        return socket(family, known[i].type | SOCK_CLOEXEC, known[i].protocol);
    }
    errno = EPROTONOSUPPORT;
    return -1;
}

void make_nonblocking(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

struct target {
    struct sockaddr_storage address;
    socklen_t length;
    int fd;
};

static int begin(char** arguments, struct target* target) {
    target->length = read_address(arguments[1], arguments[2], &target->address);
    if (!target->length)
        return untried(EINVAL);
    target->fd = make_socket(arguments[0], arguments[1]);
    return target->fd < 0 ? untried(errno) : 0;
}

static int end(const struct target* target, int error) {
    close(target->fd);
    return error;
}

/* A family that the kernel lacks cannot be tried. */
static int op_socket(char** arguments) {
    const int error = outcome_of_fd(socket(
        (int)number(arguments[0]), (int)number(arguments[1]) | SOCK_CLOEXEC, (int)number(arguments[2])));
    return error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT ? untried(error)
                                                                                         : error;
}

static int op_socketpair(char** arguments) {
    int ends[2];
    if (socketpair((int)number(arguments[0]), SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return errno;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int op_connect(char** arguments) {
    struct target target;
    const int error = begin(arguments, &target);
    if (error)
        return error;
    return end(&target, outcome(connect(target.fd, (struct sockaddr*)&target.address, target.length)));
}

/* A datagram socket's peer, and then what goes there. */
static int op_connectsend(char** arguments) {
    struct target target;
    int error = begin(arguments, &target);
    if (error)
        return error;
    error = outcome(connect(target.fd, (struct sockaddr*)&target.address, target.length));
    return end(&target, error ? error : outcome(send(target.fd, "x", 1, MSG_NOSIGNAL)));
}

/* To another address than the peer's, at the same port. */
static int op_sendelsewhere(char** arguments) {
    struct target target;
    struct sockaddr_storage other;
    const int error = begin(arguments, &target);
    if (error)
        return error;
    const socklen_t length = read_address(arguments[3], arguments[2], &other);
    if (connect(target.fd, (struct sockaddr*)&target.address, target.length))
        return end(&target, untried(errno));
    return end(&target, outcome(sendto(target.fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr*)&other, length)));
}

/* A datagram that is an echo request as well, which is all that a ping socket sends. */
static int send_to(char** arguments, int flags, int family) {
    static const unsigned char request[8] = {8};
    struct target target;
    const int error = begin(arguments, &target);
    if (error)
        return error;
    if (family >= 0)
        target.address.ss_family = (sa_family_t)family;
    return end(&target, outcome(sendto(target.fd, request, sizeof(request), flags | MSG_NOSIGNAL,
                                       (struct sockaddr*)&target.address, target.length)));
}

static int op_sendto(char** arguments) {
    return send_to(arguments, 0, -1);
}

/* An address without a family, which an IPv4 socket takes for one of its own. */
static int op_sendunspec(char** arguments) {
    return send_to(arguments, 0, AF_UNSPEC);
}

/* Two datagrams in one call: to the first address, then to the second. */
static int op_sendmmsg(char** arguments) {
    struct target target;
    struct sockaddr_storage other;
    const int error = begin(arguments, &target);
    if (error)
        return error;
    const socklen_t length = read_address(arguments[3], arguments[2], &other);
    struct iovec data = {.iov_base = "x", .iov_len = 1};
    struct mmsghdr messages[2] = {
        {.msg_hdr =
             {.msg_name = &target.address, .msg_namelen = target.length, .msg_iov = &data, .msg_iovlen = 1}},
        {.msg_hdr = {.msg_name = &other, .msg_namelen = length, .msg_iov = &data, .msg_iovlen = 1}},
    };
    if (sendmmsg(target.fd, messages, 2, MSG_NOSIGNAL) == 2)
        return end(&target, 0);
    /* The error of the second one is kept for the next call. */
    return end(&target, outcome(sendmmsg(target.fd, messages + 1, 1, MSG_NOSIGNAL)));
}

static int op_fastopen(char** arguments) {
    return send_to(arguments, MSG_FASTOPEN, -1);
}

/* The connection is put off to the first write. */
static int op_fastconnect(char** arguments) {
    struct target target;
    const int one = 1;
    int error = begin(arguments, &target);
    if (error)
        return error;
    if (setsockopt(target.fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
        return end(&target, untried(errno));
    error = outcome(connect(target.fd, (struct sockaddr*)&target.address, target.length));
    return end(&target, error ? error : outcome(send(target.fd, "x", 1, MSG_NOSIGNAL)));
}

static int bind_to(char** arguments, int family, int only_ipv6) {
    struct target target;
    const int one = 1;
    const int error = begin(arguments, &target);
    if (error)
        return error;
    setsockopt(target.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (only_ipv6 && setsockopt(target.fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
        return end(&target, untried(errno));
    if (family >= 0)
        target.address.ss_family = (sa_family_t)family;
    return end(&target, outcome(bind(target.fd, (struct sockaddr*)&target.address, target.length)));
}

static int op_bind(char** arguments) {
    return bind_to(arguments, -1, 0);
}

static int op_bindunspec(char** arguments) {
    return bind_to(arguments, AF_UNSPEC, 0);
}

static int op_bindonly6(char** arguments) {
    return bind_to(arguments, -1, 1);
}

/* Sends a packet to ADDRESS whose own header says that it goes to FORGED. */
static int op_forge(char** arguments) {
    struct {
        struct iphdr ip;
        unsigned char data[8];
    } packet = {.ip = {.version = 4, .ihl = 5, .ttl = 1, .protocol = IPPROTO_UDP}};
    struct sockaddr_storage address;
    const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0 || inet_pton(AF_INET, arguments[1], &packet.ip.daddr) != 1)
        return untried(errno);
    const socklen_t length = read_address(arguments[0], "0", &address);
    const int error = outcome(sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr*)&address, length));
    close(fd);
    return error;
}

/* Listens at a port of the kernel's choice. */
static int op_listen(char** arguments) {
    const int fd = make_socket(arguments[0], "");
    if (fd < 0)
        return untried(errno);
    const int error = outcome(listen(fd, 1));
    close(fd);
    return error;
}

/* The socket that was passed as descriptor 3, by whoever activates sockets. */
static int op_connectpassed(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[0], arguments[1], &address);
    return outcome(connect(3, (struct sockaddr*)&address, length));
}

/* Takes a connection from the socket that was passed as descriptor 3. */
static int op_accept(char** arguments) {
    (void)arguments;
    return outcome_of_fd(accept(3, NULL, NULL));
}

const struct operation network_operations[] = {
    {"socket", 3, op_socket, "FAMILY TYPE PROTOCOL"},
    {"socketpair", 1, op_socketpair, "FAMILY"},
    {"connect", 3, op_connect, "PROTOCOL ADDRESS PORT"},
    {"connectsend", 3, op_connectsend, "PROTOCOL ADDRESS PORT"},
    {"sendto", 3, op_sendto, "PROTOCOL ADDRESS PORT"},
    {"sendunspec", 3, op_sendunspec, "PROTOCOL ADDRESS PORT"},
    {"sendelsewhere", 4, op_sendelsewhere, "PROTOCOL PEER PORT OTHER"},
    {"sendmmsg", 4, op_sendmmsg, "PROTOCOL ADDRESS PORT OTHER"},
    {"fastopen", 3, op_fastopen, "PROTOCOL ADDRESS PORT"},
    {"fastconnect", 3, op_fastconnect, "PROTOCOL ADDRESS PORT"},
    {"bind", 3, op_bind, "PROTOCOL ADDRESS PORT"},
    {"bindunspec", 3, op_bindunspec, "PROTOCOL ADDRESS PORT"},
    {"bindonly6", 3, op_bindonly6, "PROTOCOL ADDRESS PORT"},
    {"forge", 2, op_forge, "ADDRESS FORGED"},
    {"listen", 1, op_listen, "PROTOCOL"},
    {"accept", 0, op_accept, ""},
    {"connectpassed", 2, op_connectpassed, "ADDRESS PORT"},
    {0},
};
