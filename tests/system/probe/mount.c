/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other ways to a file: mounts, roots, handles. */
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int op_unshare(char** arguments) {
    (void)arguments;
    if (unshare(CLONE_NEWNS))
        return errno;
    return outcome(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* Without privilege, as anyone may where the kernel lets them. */
static int op_unshare_user(char** arguments) {
    (void)arguments;
    return outcome(unshare(CLONE_NEWUSER | CLONE_NEWNS));
}

/* The same without the mount namespace. */
static int op_newuser(char** arguments) {
    (void)arguments;
    return outcome(unshare(CLONE_NEWUSER));
}

static int op_bindmount(char** arguments) {
    return outcome(mount(arguments[0], arguments[1], NULL, MS_BIND, NULL));
}

static int op_tmpfs(char** arguments) {
    return outcome(mount("tmpfs", arguments[0], "tmpfs", 0, NULL));
}

static int op_remount(char** arguments) {
    return outcome(mount(NULL, arguments[0], NULL, MS_REMOUNT, NULL));
}

static int op_umount(char** arguments) {
    return outcome(umount2(arguments[0], MNT_DETACH));
}

static int op_chroot(char** arguments) {
    return outcome(chroot(arguments[0]));
}

static int op_pivot(char** arguments) {
    return outcome(syscall(SYS_pivot_root, arguments[0], arguments[0]));
}

/* A copy of a part of the tree that is mounted nowhere, and a file opened in it. */
static int op_detached(char** arguments) {
    const int tree = open_tree(AT_FDCWD, arguments[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return untried(errno);
    const int error = outcome_of_fd(openat(tree, arguments[1], O_RDONLY | O_CLOEXEC));
    close(tree);
    return error;
}

/* Of a single file, which then is the root of its mount. */
static int op_detachedfile(char** arguments) {
    char name[64];
    const int tree = open_tree(AT_FDCWD, arguments[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return untried(errno);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", tree);
    const int error = outcome_of_fd(open(name, O_RDONLY | O_CLOEXEC));
    close(tree);
    return error;
}

/* The copy is attached elsewhere. */
static int op_movemount(char** arguments) {
    const int tree = open_tree(AT_FDCWD, arguments[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return untried(errno);
    const int error = outcome(move_mount(tree, "", AT_FDCWD, arguments[1], MOVE_MOUNT_F_EMPTY_PATH));
    close(tree);
    return error;
}

/* A new file system, made and mounted by the calls that came with 5.2. */
static int op_fsmount(char** arguments) {
    const int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0)
        return untried(errno);
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        return untried(errno);
    const int made = fsmount(context, FSMOUNT_CLOEXEC, 0);
    if (made < 0)
        return untried(errno);
    return outcome(move_mount(made, "", AT_FDCWD, arguments[0], MOVE_MOUNT_F_EMPTY_PATH));
}

/* By its handle, which has no path. */
static int op_handle(char** arguments) {
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } storage = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int id;
    if (name_to_handle_at(AT_FDCWD, arguments[0], &storage.handle, &id, 0))
        return untried(errno);
    const int mounted = open(arguments[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (mounted < 0)
        return untried(errno);
    return outcome_of_fd(open_by_handle_at(mounted, &storage.handle, O_RDONLY | O_CLOEXEC));
}

/* Enters the mount namespace of process 1. */
static int op_setns(char** arguments) {
    (void)arguments;
    const int fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    return outcome(setns(fd, CLONE_NEWNS));
}

/* A mounted file system is configured anew, by the calls that came with 5.2. */
static int op_reconfigure(char** arguments) {
    const int context = fspick(AT_FDCWD, arguments[0], FSPICK_CLOEXEC);
    if (context < 0)
        return untried(errno);
    const int error = outcome(fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
    close(context);
    return error;
}

static int op_mountattr(char** arguments) {
    struct mount_attr change = {.attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME};
    return outcome(mount_setattr(AT_FDCWD, arguments[0], 0, &change, sizeof(change)));
}

static int op_overlay(char** arguments) {
    char options[4096];
    snprintf(options, sizeof(options), "lowerdir=%s:%s", arguments[0], arguments[1]);
    return outcome(mount("overlay", arguments[1], "overlay", 0, options));
}

const struct operation mount_operations[] = {
    {"unshare", 0, op_unshare, ""},
    {"unshare-user", 0, op_unshare_user, ""},
    {"newuser", 0, op_newuser, ""},
    {"bindmount", 2, op_bindmount, "SOURCE TARGET"},
    {"tmpfs", 1, op_tmpfs, "DIRECTORY"},
    {"remount", 1, op_remount, "DIRECTORY"},
    {"umount", 1, op_umount, "DIRECTORY"},
    {"chroot", 1, op_chroot, "DIRECTORY"},
    {"pivot", 1, op_pivot, "DIRECTORY"},
    {"detached", 2, op_detached, "DIRECTORY NAME"},
    {"detachedfile", 1, op_detachedfile, "PATH"},
    {"movemount", 2, op_movemount, "DIRECTORY TARGET"},
    {"fsmount", 1, op_fsmount, "DIRECTORY"},
    {"handle", 2, op_handle, "PATH MOUNT"},
    {"setns", 0, op_setns, ""},
    {"reconfigure", 1, op_reconfigure, "DIRECTORY"},
    {"mountattr", 1, op_mountattr, "DIRECTORY"},
    {"overlay", 2, op_overlay, "LOWER TARGET"},
    {0},
};
