/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCTP, by the options of its sockets that do what other protocols have calls for. */
#include "probe.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* include/uapi/linux/sctp.h, which is not installed everywhere */
#define SCTP_SOCKOPT_BINDX_ADD 100
#define SCTP_SOCKOPT_CONNECTX 110

static int set_addresses(char** arguments, int option) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[0], arguments[1], &address);
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_SCTP);
    if (fd < 0)
        return untried(errno);
    int error = outcome(setsockopt(fd, IPPROTO_SCTP, option, &address, length));
    close(fd);
    return error == EINPROGRESS ? 0 : error;
}

static int op_connectx(char** arguments) {
    return set_addresses(arguments, SCTP_SOCKOPT_CONNECTX);
}

static int op_bindx(char** arguments) {
    return set_addresses(arguments, SCTP_SOCKOPT_BINDX_ADD);
}

const struct operation sctp_operations[] = {
    {"connectx", 2, op_connectx, "ADDRESS PORT"},
    {"bindx", 2, op_bindx, "ADDRESS PORT"},
    {0},
};
