/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection that one step makes for those after it. */
#include "probe.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL_MPTCP 262
/* include/uapi/linux/mptcp.h */
#define LEVEL_MPTCP 284
#define MPTCP_TCPINFO 2

static int connected = -1;

static int op_stay(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    connected = make_socket(arguments[0], arguments[1]);
    if (connected < 0)
        return untried(errno);
    return outcome(connect(connected, (struct sockaddr*)&address, length));
}

/* Until a file is there. */
static int op_await(char** arguments) {
    for (int tries = 0; tries < 6000; tries++, usleep(100000))
        if (!access(arguments[0], F_OK))
            return 0;
    return untried(ETIMEDOUT);
}

static int op_staywrite(char** arguments) {
    (void)arguments;
    return outcome(write(connected, "x", 1));
}

static int op_staysend(char** arguments) {
    (void)arguments;
    return outcome(send(connected, "x", 1, MSG_NOSIGNAL));
}

static int op_staysendfile(char** arguments) {
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(sendfile(connected, fd, NULL, 1));
    close(fd);
    return error;
}

static int op_staysplice(char** arguments) {
    int ends[2];
    (void)arguments;
    if (pipe(ends) || write(ends[1], "x", 1) != 1)
        return untried(errno);
    const int error = outcome(splice(ends[0], NULL, connected, NULL, 1, 0));
    close(ends[0]);
    close(ends[1]);
    return error;
}

/* Anew, to another address, with the socket that was connected. */
static int op_staymove(char** arguments) {
    struct sockaddr_storage address;
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    const socklen_t length = read_address(arguments[0], arguments[1], &address);
    if (connect(connected, &none, sizeof(none)))
        return untried(errno);
    return outcome(connect(connected, (struct sockaddr*)&address, length));
}

/* How many of a connection's paths are established; -1: it is no connection of several. */
static int count_paths(int fd) {
    struct {
        uint32_t size, paths, kernel_size, user_size;
        unsigned char states[8 * 256]; /* the first byte of each struct tcp_info */
    } answer = {.size = 16, .user_size = 256};
    socklen_t length = sizeof(answer);
    int count = 0;
    if (getsockopt(fd, LEVEL_MPTCP, MPTCP_TCPINFO, &answer, &length))
        return -1;
    for (uint32_t i = 0; i < answer.paths && i < 8; i++)
        count += answer.states[i * answer.user_size] == 1 /* TCP_ESTABLISHED */;
    return count;
}

/* A connection of several paths: whether the kernel adds one to an address that the peer tells of. */
static int op_mptcpjoin(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[0], arguments[1], &address);
    int paths = 0;
    char byte;
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, PROTOCOL_MPTCP);
    if (fd < 0 || connect(fd, (struct sockaddr*)&address, length) || recv(fd, &byte, 1, 0) != 1)
        return untried(errno);
    for (int tries = 0; tries < 30 && paths >= 0 && paths < 2; tries++, usleep(100000))
        paths = count_paths(fd);
    const int error = errno;
    close(fd);
    if (paths < 0)
        return untried(error);
    return paths < 2 ? EACCES : 0;
}

const struct operation connection_operations[] = {
    {"connected", 3, op_stay, "PROTOCOL ADDRESS PORT"},
    {"await", 1, op_await, "PATH"},
    {"connected-write", 0, op_staywrite, ""},
    {"connected-send", 0, op_staysend, ""},
    {"connected-sendfile", 1, op_staysendfile, "PATH"},
    {"connected-splice", 0, op_staysplice, ""},
    {"connected-move", 2, op_staymove, "ADDRESS PORT"},
    {"mptcpjoin", 2, op_mptcpjoin, "ADDRESS PORT"},
    {0},
};
