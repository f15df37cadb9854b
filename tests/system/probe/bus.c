/* SPDX-License-Identifier: GPL-2.0-or-later */
/* D-Bus, as far as it takes to be sent a descriptor over one: the bus is another process, and passes it on.
 */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "et.Receiver"

struct message {
    char bytes[512];
    size_t length;
};

static void align(struct message* message, size_t to) {
    while (message->length % to)
        message->bytes[message->length++] = 0;
}

static void append_number(struct message* message, uint32_t value) {
    align(message, 4);
    memcpy(message->bytes + message->length, &value, sizeof(value));
    message->length += sizeof(value);
}

static void append_text(struct message* message, const char* text) {
    const size_t length = strlen(text);
    append_number(message, (uint32_t)length);
    memcpy(message->bytes + message->length, text, length + 1);
    message->length += length + 1;
}

/* A field of the header: its number, its type, its value. */
static void append_field(struct message* message, char number, char type, const char* text) {
    align(message, 8);
    const char begin[] = {number, 1, type, 0};
    memcpy(message->bytes + message->length, begin, sizeof(begin));
    message->length += sizeof(begin);
    if (type == 'g') {
        message->bytes[message->length++] = (char)strlen(text);
        strcpy(message->bytes + message->length, text);
        message->length += strlen(text) + 1;
    } else {
        append_text(message, text);
    }
}

/* A call of the bus itself; `name` is its argument, if it has one. */
static void make_call(struct message* message, const char* member, uint32_t serial, const char* name) {
    static const char begin[] = {'l', 1, 0, 1};
    memcpy(message->bytes, begin, sizeof(begin));
    message->length = sizeof(begin);
    append_number(message, name ? (uint32_t)(4 + strlen(name) + 4) / 4 * 4 + 4 : 0);
    append_number(message, serial);
    append_number(message, 0); /* the length of the fields, known below */
    append_field(message, 1, 'o', "/org/freedesktop/DBus");
    append_field(message, 2, 's', "org.freedesktop.DBus");
    append_field(message, 3, 's', member);
    append_field(message, 6, 's', "org.freedesktop.DBus");
    if (name)
        append_field(message, 8, 'g', "su");
    const uint32_t fields = (uint32_t)message->length - 16;
    memcpy(message->bytes + 12, &fields, sizeof(fields));
    align(message, 8);
    if (name) {
        append_text(message, name);
        append_number(message, 0);
    }
}

static int greet(int fd) {
    char text[128], user[16] = "", *end = text;
    struct message message;
    snprintf(user, sizeof(user), "%u", getuid());
    end += sprintf(end, "%cAUTH EXTERNAL ", 0);
    for (const char* digit = user; *digit; digit++)
        end += sprintf(end, "%02x", (unsigned char)*digit);
    end += sprintf(end, "\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n");
    if (send(fd, text, (size_t)(end - text), MSG_NOSIGNAL) < 0)
        return errno;
    make_call(&message, "Hello", 1, NULL);
    if (send(fd, message.bytes, message.length, MSG_NOSIGNAL) < 0)
        return errno;
    make_call(&message, "RequestName", 2, NAME);
    return send(fd, message.bytes, message.length, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/* Takes what comes. 0: a descriptor; EACCES: there was one, which may not be had; EAGAIN: there was none. */
static int take(int fd, char* text, size_t size) {
    char control[CMSG_SPACE(sizeof(int) * 4)];
    struct iovec data = {.iov_base = text, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    const ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (length <= 0)
        return untried(length ? errno : EPIPE);
    if (message.msg_flags & MSG_CTRUNC)
        return EACCES;
    return message.msg_controllen >= CMSG_LEN(sizeof(int)) ? 0 : EAGAIN;
}

/* Makes the second file as soon as it can be reached by its name. */
static int op_receivebus(char** arguments) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 60};
    char text[4096];
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(arguments[0]) >= sizeof(address.sun_path))
        return untried(errno);
    strcpy(address.sun_path, arguments[0]);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr*)&address, sizeof(address)))
        return untried(errno);
    int error = greet(fd) ? untried(errno) : EAGAIN;
    while (error == EAGAIN) {
        memset(text, 0, sizeof(text));
        error = take(fd, text, sizeof(text));
        if (error == EAGAIN && memmem(text, sizeof(text), NAME, strlen(NAME)))
            close(open(arguments[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    close(fd);
    return error;
}

const struct operation bus_operations[] = {
    {"receivebus", 2, op_receivebus, "SOCKET FILE"},
    {0},
};
