/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking connections: the probe is both the one that listens and, from another address, the one that comes.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Less than it takes until what was not answered is sent again. */
#define PATIENCE 300 /* ms */

/* Has a client with the address `peer` come, and takes the connection. */
static int take(int listener, const char* protocol, const char* peer) {
    const char* here = strchr(peer, ':') ? "::1" : "127.0.0.1";
    struct sockaddr_storage from, to;
    struct sockaddr_in6 name; /* the port is where that of IPv4 is */
    socklen_t size = sizeof(name);
    struct pollfd arrival = {.fd = listener, .events = POLLIN};
    const socklen_t length = read_address(peer, "0", &from);
    const int client = make_socket(protocol, peer);
    int error = ETIMEDOUT;
    if (!length || client < 0 || getsockname(listener, (struct sockaddr*)&name, &size) ||
        bind(client, (struct sockaddr*)&from, length))
        return untried(errno);
    read_address(here, "0", &to);
    ((struct sockaddr_in6*)&to)->sin6_port = name.sin6_port;
    make_nonblocking(client);
    if (connect(client, (struct sockaddr*)&to, length) && errno != EINPROGRESS)
        error = untried(errno);
    else if (poll(&arrival, 1, PATIENCE) > 0)
        error = outcome_of_fd(accept(listener, NULL, NULL));
    close(client);
    return error;
}

/* PROTOCOL with a "6" at its end listens at every address of both families. */
static int op_serve(char** arguments) {
    struct sockaddr_storage address;
    char protocol[16] = {0};
    const size_t length = strnlen(arguments[0], sizeof(protocol) - 1);
    const int both = arguments[0][length - 1] == '6';
    const char* here = strchr(arguments[1], ':') ? "::1" : "127.0.0.1";
    const socklen_t size = read_address(both ? "::" : here, "0", &address);
    const int fd = make_socket(arguments[0], both ? "::" : here);
    memcpy(protocol, arguments[0], length - (size_t)both);
    if (fd < 0 || bind(fd, (struct sockaddr*)&address, size) || listen(fd, 8))
        return untried(errno);
    const int error = take(fd, protocol, arguments[1]);
    close(fd);
    return error;
}

/* By a socket that somebody else listened with. */
static int serve_received(char** arguments, int look_before) {
    int error;
    const int fd = receive(arguments[0], &error);
    if (fd < 0)
        return error;
    make_nonblocking(fd);
    if (look_before)
        error = accept(fd, NULL, NULL) < 0 && errno == EAGAIN ? 0 : untried(errno);
    if (!error)
        error = take(fd, "tcp", arguments[1]);
    close(fd);
    return error;
}

static int op_servereceived(char** arguments) {
    return serve_received(arguments, 1);
}

/* The client comes before the unit has asked for one. */
static int op_servequeued(char** arguments) {
    return serve_received(arguments, 0);
}

const struct operation serve_operations[] = {
    {"serve", 2, op_serve, "PROTOCOL PEER"},
    {"servereceived", 2, op_servereceived, "FROM PEER"},
    {"servequeued", 2, op_servequeued, "FROM PEER"},
    {0},
};
