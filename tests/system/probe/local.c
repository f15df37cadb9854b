/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local sockets. TYPE is stream, dgram or seqpacket; a NAME that begins with "@" is abstract. */
#include "probe.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int type_of(const char* name) {
    if (!strcmp(name, "dgram"))
        return SOCK_DGRAM;
    return strcmp(name, "seqpacket") ? SOCK_STREAM : SOCK_SEQPACKET;
}

unsigned read_local(const char* name, struct sockaddr_un* address) {
    const size_t length = strnlen(name, sizeof(address->sun_path) - 1);
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, name, length);
    if (*name != '@')
        return sizeof(*address);
    address->sun_path[0] = 0;
    return (unsigned)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int op_unixconnect(char** arguments) {
    struct sockaddr_un address;
    const socklen_t length = read_local(arguments[1], &address);
    const int fd = socket(AF_UNIX, type_of(arguments[0]) | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(connect(fd, (struct sockaddr*)&address, length));
    close(fd);
    return error;
}

/* A datagram, by a socket that is not connected. */
static int op_unixsend(char** arguments) {
    struct sockaddr_un address;
    const socklen_t length = read_local(arguments[0], &address);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return untried(errno);
    const int error =
        outcome(sendto(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr*)&address, length));
    close(fd);
    return error;
}

/* From one end of a pair of its own to the other. */
static int op_pairsend(char** arguments) {
    int ends[2];
    if (socketpair(AF_UNIX, type_of(arguments[0]) | SOCK_CLOEXEC, 0, ends))
        return untried(errno);
    const int error = outcome(send(ends[0], "x", 1, MSG_NOSIGNAL));
    close(ends[0]);
    close(ends[1]);
    return error;
}

const struct operation local_operations[] = {
    {"unixconnect", 2, op_unixconnect, "TYPE NAME"},
    {"unixsend", 1, op_unixsend, "NAME"},
    {"pairsend", 1, op_pairsend, "TYPE"},
    {0},
};
