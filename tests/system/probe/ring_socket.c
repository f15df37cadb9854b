/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets by io_uring. */
#include "ring.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Later headers have these: SOCKET_URING_OP_SETSOCKOPT, and what of a request belongs to it. */
#define SETSOCKOPT 3
#define SCTP_SOCKOPT_CONNECTX 110

/* A request about a socket; its address is filled in by whoever asks. */
static int ask(char** arguments, struct io_uring_sqe* request) {
    request->fd = make_socket(arguments[0], arguments[1]);
    if (request->fd < 0)
        return untried(errno);
    const int error = submit(request);
    close(request->fd);
    /* What the kernel does not know. The addresses here are all right. */
    return error == EINVAL || error == EOPNOTSUPP ? untried(error) : error;
}

static int op_connect(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    return ask(arguments, &(struct io_uring_sqe){
                              .opcode = IORING_OP_CONNECT, .addr = (uintptr_t)&address, .off = length});
}

static int op_sendmsg(char** arguments) {
    struct sockaddr_storage address;
    struct iovec data = {.iov_base = "x", .iov_len = 1};
    struct msghdr message = {.msg_name = &address,
                             .msg_namelen = read_address(arguments[1], arguments[2], &address),
                             .msg_iov = &data,
                             .msg_iovlen = 1};
    return ask(arguments,
               &(struct io_uring_sqe){.opcode = IORING_OP_SENDMSG, .addr = (uintptr_t)&message, .len = 1});
}

/* Without a copy of what is sent; its answer comes in two parts, of which this is the first. */
static int op_sendzc(char** arguments) {
    struct sockaddr_storage address;
    struct io_uring_sqe request = {
        .opcode = IORING_OP_SEND_ZC, .addr = (uintptr_t) "x", .len = 1, .addr2 = (uintptr_t)&address};
    request.addr_len = (uint16_t)read_address(arguments[1], arguments[2], &address);
    return ask(arguments, &request);
}

static int op_bind(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[1], arguments[2], &address);
    return ask(arguments, &(struct io_uring_sqe){
                              .opcode = 56 /* IORING_OP_BIND */, .addr = (uintptr_t)&address, .off = length});
}

static int op_listen(char** arguments) {
    return ask((char*[]){arguments[0], ""},
               &(struct io_uring_sqe){.opcode = 57 /* IORING_OP_LISTEN */, .len = 1});
}

static int op_socket(char** arguments) {
    return submit(&(struct io_uring_sqe){.opcode = IORING_OP_SOCKET,
                                         .fd = (int)number(arguments[0]),
                                         .off = (uint64_t)number(arguments[1]),
                                         .len = (uint32_t)number(arguments[2])});
}

/* An option of a socket, which a ring can set since 6.7. */
static int set_option(int fd, int level, int option, const void* value, unsigned length) {
    struct io_uring_sqe request = {
        .opcode = IORING_OP_URING_CMD,
        .fd = fd,
        .cmd_op = SETSOCKOPT,
        .addr = (uint64_t)level | (uint64_t)option << 32,
        .file_index = length,
        .addr3 = (uintptr_t)value,
    };
    return submit(&request);
}

/* To the device that the socket is bound to already: that takes CAP_NET_RAW. */
static int op_bindtodevice(char** arguments) {
    (void)arguments;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
        return untried(errno);
    const int error = set_option(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    close(fd);
    return error;
}

/* What connects an association of SCTP, see sctp.c. */
static int op_connectx(char** arguments) {
    struct sockaddr_storage address;
    const socklen_t length = read_address(arguments[0], arguments[1], &address);
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_SCTP);
    if (fd < 0)
        return untried(errno);
    const int error = set_option(fd, IPPROTO_SCTP, SCTP_SOCKOPT_CONNECTX, &address, length);
    close(fd);
    return error == EINPROGRESS ? 0 : error;
}

const struct operation ring_socket_operations[] = {
    {"ring-bindtodevice", 0, op_bindtodevice, ""},
    {"ring-connectx", 2, op_connectx, "ADDRESS PORT"},
    {"ring-connect", 3, op_connect, "PROTOCOL ADDRESS PORT"},
    {"ring-sendmsg", 3, op_sendmsg, "PROTOCOL ADDRESS PORT"},
    {"ring-sendzc", 3, op_sendzc, "PROTOCOL ADDRESS PORT"},
    {"ring-bind", 3, op_bind, "PROTOCOL ADDRESS PORT"},
    {"ring-listen", 1, op_listen, "PROTOCOL"},
    {"ring-socket", 3, op_socket, "FAMILY TYPE PROTOCOL"},
    {0},
};
