/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being told of what others open, with a descriptor of it. */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/fanotify.h>
#include <unistd.h>

/* Somebody else opens the file all the time. */
static int op_watch(char** arguments) {
    struct fanotify_event_metadata event;
    const int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, arguments[0]))
        return untried(errno);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, 20000) != 1)
        return untried(ETIMEDOUT);
    const int error = outcome(read(fd, &event, sizeof(event)));
    close(fd);
    if (error)
        return error;
    return event.fd < 0 ? untried(EBADF) : outcome_of_fd(event.fd);
}

const struct operation watch_operations[] = {
    {"watch", 1, op_watch, "PATH"},
    {0},
};
