/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that come from another process. The giver waits at an abstract address, outside of what is
 * tested. */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t abstract(const char* name, struct sockaddr_un* address) {
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    const size_t length = strnlen(name, sizeof(address->sun_path) - 1);
    memcpy(address->sun_path + 1, name, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

/* The descriptor, or -1: a file that may not be had comes as a message without it, cut short. */
int receive(const char* name, int* error) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct sockaddr_un address;
    char byte;
    int passed;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const socklen_t length = abstract(name, &address);
    *error = 0;
    if (fd < 0 || connect(fd, (struct sockaddr*)&address, length) ||
        recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != 1) {
        *error = untried(errno);
        return -1;
    }
    close(fd);
    if (message.msg_flags & MSG_CTRUNC || message.msg_controllen < sizeof(struct cmsghdr)) {
        *error = EACCES;
        return -1;
    }
    memcpy(&passed, CMSG_DATA(&control.header), sizeof(passed));
    return passed;
}

static int op_receive(char** arguments) {
    int error;
    const int fd = receive(arguments[0], &error);
    if (fd >= 0)
        close(fd);
    return error;
}

static int connect_received(const char* name, const void* address, socklen_t length) {
    int error;
    const int fd = receive(name, &error);
    if (fd < 0)
        return error;
    error = outcome(connect(fd, address, length));
    close(fd);
    return error;
}

static int op_connectreceived(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    return connect_received(arguments[0], &address, length);
}

static int op_unixconnectreceived(char** arguments) {
    struct sockaddr_un address;
    const socklen_t length = read_local(arguments[1], &address);
    return connect_received(arguments[0], &address, length);
}

static int op_sendreceived(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    int error;
    const int fd = receive(arguments[0], &error);
    if (fd < 0)
        return error;
    error = outcome(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr*)&address, length));
    close(fd);
    return error;
}

/* Takes a descriptor out of another process. */
static int op_takefd(char** arguments) {
    const pid_t process = process_in(arguments[0]);
    const int there = process < 0 ? -1 : (int)syscall(SYS_pidfd_open, process, 0);
    if (there < 0)
        return untried(ESRCH);
    const int error = outcome_of_fd((int)syscall(SYS_pidfd_getfd, there, (int)number(arguments[1]), 0));
    close(there);
    return error;
}

const struct operation pass_operations[] = {
    {"receive", 1, op_receive, "FROM"},
    {"takefd", 2, op_takefd, "PATH DESCRIPTOR"},
    {"connectreceived", 3, op_connectreceived, "FROM ADDRESS PORT"},
    {"unixconnectreceived", 2, op_unixconnectreceived, "FROM NAME"},
    {"sendreceived", 3, op_sendreceived, "FROM ADDRESS PORT"},
    {0},
};
