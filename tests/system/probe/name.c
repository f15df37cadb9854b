/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing what directories hold, and the attributes of what is in them. */
#include "probe.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/fs.h>

static int op_mkdir(char** arguments) {
    return outcome(mkdir(arguments[0], 0755));
}

static int op_mknod(char** arguments) {
    return outcome(mknod(arguments[0], S_IFIFO | 0644, 0));
}

static int op_device(char** arguments) {
    return outcome(mknod(arguments[0], S_IFCHR | 0600, makedev(1, 3)));
}

static int op_symlink(char** arguments) {
    return outcome(symlink(arguments[0], arguments[1]));
}

static int op_bindunix(char** arguments) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(arguments[0]) >= sizeof(address.sun_path))
        return untried(errno);
    strcpy(address.sun_path, arguments[0]);
    const int error = outcome(bind(fd, (struct sockaddr*)&address, sizeof(address)));
    close(fd);
    return error;
}

static int op_unlink(char** arguments) {
    return outcome(unlink(arguments[0]));
}

static int op_rmdir(char** arguments) {
    return outcome(rmdir(arguments[0]));
}

static int op_rename(char** arguments) {
    return outcome(rename(arguments[0], arguments[1]));
}

static int op_exchange(char** arguments) {
    return outcome(renameat2(AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], RENAME_EXCHANGE));
}

static int op_link(char** arguments) {
    return outcome(link(arguments[0], arguments[1]));
}

/* Of a descriptor that was opened for nothing. */
static int op_linkfd(char** arguments) {
    const int fd = open(arguments[0], O_PATH | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(linkat(fd, "", AT_FDCWD, arguments[1], AT_EMPTY_PATH));
    close(fd);
    return error;
}

/* A nameless file that gets a name. */
static int op_linktmp(char** arguments) {
    char name[64];
    const int fd = open(arguments[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (fd < 0)
        return untried(errno);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    const int error = outcome(linkat(AT_FDCWD, name, AT_FDCWD, arguments[1], AT_SYMLINK_FOLLOW));
    close(fd);
    return error;
}

static int op_chmod(char** arguments) {
    return outcome(chmod(arguments[0], 0600));
}

/* Of a descriptor that was opened for nothing. */
static int op_chmodfd(char** arguments) {
    char name[64];
    const int fd = open(arguments[0], O_PATH | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    const int error = outcome(chmod(name, 0600));
    close(fd);
    return error;
}

static int op_fchmod(char** arguments) {
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(fchmod(fd, 0600));
    close(fd);
    return error;
}

static int op_chown(char** arguments) {
    return outcome(lchown(arguments[0], 0, 0));
}

static int op_utimes(char** arguments) {
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    return outcome(utimensat(AT_FDCWD, arguments[0], times, AT_SYMLINK_NOFOLLOW));
}

static int op_futimes(char** arguments) {
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(futimens(fd, times));
    close(fd);
    return error;
}

static int op_setxattr(char** arguments) {
    return outcome(setxattr(arguments[0], "user.probe", "1", 1, 0));
}

static int op_fsetxattr(char** arguments) {
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return untried(errno);
    const int error = outcome(fsetxattr(fd, "user.probe", "1", 1, 0));
    close(fd);
    return error;
}

static int op_removexattr(char** arguments) {
    return outcome(removexattr(arguments[0], "user.here"));
}

/* Owner, group and others, as the mode has them, and one user more. Version 2; tag, permissions, id of each.
 */
static int op_setacl(char** arguments) {
    struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } acl = {2, {{1, 6, ~0U}, {2, 4, 65534}, {4, 4, ~0U}, {16, 4, ~0U}, {32, 4, ~0U}}};
    return outcome(setxattr(arguments[0], "system.posix_acl_access", &acl, sizeof(acl), 0));
}

static int op_removeacl(char** arguments) {
    return outcome(removexattr(arguments[0], "system.posix_acl_access"));
}

/* What chattr does. */
static int op_chattr(char** arguments) {
    int flags;
    const int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags))
        return untried(errno);
    flags ^= FS_NODUMP_FL;
    const int error = outcome(ioctl(fd, FS_IOC_SETFLAGS, &flags));
    close(fd);
    return error;
}

static int op_fchmodat2(char** arguments) {
    return outcome(
        syscall(452 /* fchmodat2, since 6.6 */, AT_FDCWD, arguments[0], 0600, AT_SYMLINK_NOFOLLOW));
}

/* What chattr does, since 6.17 by a system call of its own. */
static int op_setfileattr(char** arguments) {
    struct {
        uint64_t flags;
        uint32_t extent_size, extent_count, project, cow_extent_size;
    } attributes = {0};
    if (syscall(468 /* file_getattr */, AT_FDCWD, arguments[0], &attributes, sizeof(attributes), 0))
        return untried(errno);
    attributes.flags ^= FS_XFLAG_NODUMP;
    return outcome(
        syscall(469 /* file_setattr */, AT_FDCWD, arguments[0], &attributes, sizeof(attributes), 0));
}

const struct operation name_operations[] = {
    {"mkdir", 1, op_mkdir, "PATH"},
    {"mknod", 1, op_mknod, "PATH"},
    {"device", 1, op_device, "PATH"},
    {"symlink", 2, op_symlink, "TARGET PATH"},
    {"bindunix", 1, op_bindunix, "PATH"},
    {"unlink", 1, op_unlink, "PATH"},
    {"rmdir", 1, op_rmdir, "PATH"},
    {"rename", 2, op_rename, "OLD NEW"},
    {"exchange", 2, op_exchange, "ONE OTHER"},
    {"link", 2, op_link, "OLD NEW"},
    {"linkfd", 2, op_linkfd, "OLD NEW"},
    {"linktmp", 2, op_linktmp, "DIRECTORY NEW"},
    {"chmod", 1, op_chmod, "PATH"},
    {"chmodfd", 1, op_chmodfd, "PATH"},
    {"fchmod", 1, op_fchmod, "PATH"},
    {"fchmodat2", 1, op_fchmodat2, "PATH"},
    {"chown", 1, op_chown, "PATH"},
    {"utimes", 1, op_utimes, "PATH"},
    {"futimes", 1, op_futimes, "PATH"},
    {"setxattr", 1, op_setxattr, "PATH"},
    {"fsetxattr", 1, op_fsetxattr, "PATH"},
    {"removexattr", 1, op_removexattr, "PATH"},
    {"setacl", 1, op_setacl, "PATH"},
    {"removeacl", 1, op_removeacl, "PATH"},
    {"chattr", 1, op_chattr, "PATH"},
    {"setfileattr", 1, op_setfileattr, "PATH"},
    {0},
};
