/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls of 32-bit programs, which have an entry of their own. The program is not position-independent:
 * its data are where they can be named in 32 bits. */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/fs.h>

static long call(long number, uintptr_t first, uintptr_t second, uintptr_t third) {
    long value = number;
    asm volatile("int $0x80"
                 : "+a"(value)
                 : "b"(first), "c"(second), "d"(third)
                 : "memory", "r8", "r9", "r10", "r11");
    return (int)value;
}

static int legacy_outcome(long value) {
    return value < 0 ? (int)-value : 0;
}

static int op_open32(char** arguments) {
    static char low[4096];
    if (strlen(arguments[0]) >= sizeof(low) || (uintptr_t)low >> 32)
        return untried(ENAMETOOLONG);
    strcpy(low, arguments[0]);
    const long value = call(5 /* open */, (uintptr_t)low, O_RDONLY, 0);
    if (value >= 0)
        close((int)value);
    return legacy_outcome(value);
}

/* What chattr does. */
static int op_chattr32(char** arguments) {
    static int flags;
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags))
        return untried(errno);
    flags ^= FS_NODUMP_FL;
    const long value = call(54 /* ioctl */, (uintptr_t)fd, FS_IOC32_SETFLAGS, (uintptr_t)&flags);
    close(fd);
    return legacy_outcome(value);
}

/* All calls of sockets in one. */
static int op_connect32(char** arguments) {
    static struct sockaddr_storage address;
    static uint32_t words[3];
    const unsigned length = read_address(arguments[1], arguments[2], &address);
    const int fd = make_socket(arguments[0], arguments[1]);
    if (fd < 0)
        return untried(errno);
    words[0] = (uint32_t)fd;
    words[1] = (uint32_t)(uintptr_t)&address;
    words[2] = length;
    const long value = call(102 /* socketcall */, 3 /* connect */, (uintptr_t)words, 0);
    close(fd);
    return legacy_outcome(value);
}

const struct operation legacy_operations[] = {
    {"open32", 1, op_open32, "PATH"},
    {"chattr32", 1, op_chattr32, "PATH"},
    {"connect32", 3, op_connect32, "PROTOCOL ADDRESS PORT"},
    {0},
};
