/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A descriptor that one step holds for those after it: opened by itself, or there since the unit began. */
#include "probe.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/falloc.h>
#include <linux/fs.h>

static int held = -1;

static int op_hold(char** arguments) {
    held = open(arguments[0], O_RDWR);
    if (held < 0 && errno == EISDIR)
        held = open(arguments[0], O_RDONLY);
    return outcome(held);
}

static int op_hold_path(char** arguments) {
    held = open(arguments[0], O_PATH);
    return outcome(held);
}

static int op_ftruncate(char** arguments) {
    (void)arguments;
    return outcome(ftruncate(held, 0));
}

static int op_pwrite(char** arguments) {
    (void)arguments;
    return outcome(pwrite(held, "x", 1, 0));
}

/* Relative to what is held. */
static int op_readat(char** arguments) {
    return read_from(openat(held, arguments[0], O_RDONLY | O_CLOEXEC));
}

static int op_rereadheld(char** arguments) {
    (void)arguments;
    return read_again(held);
}

static int op_close(char** arguments) {
    (void)arguments;
    return outcome(close(held));
}

/* One that was passed at the start. */
static int op_use(char** arguments) {
    held = (int)number(arguments[0]);
    return outcome(fcntl(held, F_GETFD));
}

static int op_readheld(char** arguments) {
    char byte;
    (void)arguments;
    return outcome(pread(held, &byte, 1, 0));
}

static int op_mapheld(char** arguments) {
    (void)arguments;
    void* address = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, held, 0);
    if (address == MAP_FAILED)
        return errno;
    munmap(address, 1);
    return 0;
}

static int op_punch(char** arguments) {
    (void)arguments;
    return outcome(fallocate(held, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1));
}

static int op_writeheld(char** arguments) {
    (void)arguments;
    return outcome(write(held, "x", 1));
}

const struct operation held_operations[] = {
    {"hold", 1, op_hold, "PATH"},
    {"hold-path", 1, op_hold_path, "PATH"},
    {"use", 1, op_use, "DESCRIPTOR"},
    {"ftruncate", 0, op_ftruncate, ""},
    {"pwrite", 0, op_pwrite, ""},
    {"writeheld", 0, op_writeheld, ""},
    {"readheld", 0, op_readheld, ""},
    {"mapheld", 0, op_mapheld, ""},
    {"punch", 0, op_punch, ""},
    {"rereadheld", 0, op_rereadheld, ""},
    {"readat", 1, op_readat, "PATH"},
    {"close", 0, op_close, ""},
    {0},
};
