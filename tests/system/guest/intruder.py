#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries all ways to do something to the daemon: intruder.py PID LINK MAP PROGRAM [NAME...]

One line for each try: NAME ERRNO, "-" if it succeeded. Run as root, with every capability. LINK, MAP and PROGRAM are the
kernel's numbers of some of the daemon's. Each undoes what it did, as far as that can be."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
# On x86-64.
NUMBERS = {"bpf": 321, "ptrace": 101, "process_vm_writev": 311, "pidfd_getfd": 438, "ioprio_set": 251, "migrate_pages": 256,
           "open_tree": 428, "move_mount": 429, "fanotify_init": 300, "fanotify_mark": 301, "renameat2": 316}
MS_BIND, MS_REMOUNT, MS_RDONLY, MS_PRIVATE, MS_REC, MNT_DETACH = 4096, 32, 1, 1 << 18, 1 << 14, 2
AT_FDCWD = -100

PINS = "/sys/fs/bpf/enforced"
POLICIES = "/etc/enforced/policy.d"
POLICY = f"{POLICIES}/et-self.toml"
CGROUP = "/sys/fs/cgroup/system.slice/enforced.service"
SLICE = "/sys/fs/cgroup/system.slice"
TMP = "/var/lib/et-self"  # on the file system of the policies
DROP_INS = "/etc/systemd/system/enforced.service.d"

PID = LINK = MAP = PROGRAM = 0


def call(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def syscall(name, *arguments):
    return call(LIBC.syscall(NUMBERS[name], *(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)))


def mount(source, target, kind, flags, data=None):
    call(LIBC.mount(source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), data))


def umount(target, flags=MNT_DETACH):
    call(LIBC.umount2(target.encode(), flags))


def over(target):
    """Something else lies there, for a moment."""
    mount("none", target, "tmpfs", 0)
    umount(target)


def bpf(command, *fields):
    attributes = struct.pack(f"{len(fields)}I", *fields).ljust(128, b"\0")
    return syscall("bpf", command, attributes, len(attributes))


def got(command, *fields):
    os.close(bpf(command, *fields))


def obj_get(path):
    text = ctypes.create_string_buffer(path.encode())
    attributes = struct.pack("QII", ctypes.addressof(text), 0, 0).ljust(128, b"\0")
    return syscall("bpf", 7, attributes, len(attributes))


def detach_pinned():
    fd = obj_get(f"{PINS}/links/cgroup_connect4")
    try:
        bpf(34, fd)
    finally:
        os.close(fd)


def obj_pin():
    """Of a map of its own, which nobody minds, at a place that is not its own."""
    fd = bpf(0, 2, 4, 4, 1)
    text = ctypes.create_string_buffer(f"{PINS}/maps/et".encode())
    attributes = struct.pack("QII", ctypes.addressof(text), fd, 0).ljust(128, b"\0")
    try:
        syscall("bpf", 6, attributes, len(attributes))
        os.unlink(f"{PINS}/maps/et")
    finally:
        os.close(fd)


def opened(path, flags=os.O_WRONLY):
    os.close(os.open(path, flags))


def new_file(path):
    opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.unlink(path)


def there_and_back(one, other):
    os.rename(one, other)
    os.rename(other, one)


def owner(how):
    fd = os.memfd_create("et")
    read, write = os.pipe()
    try:
        if how == "ioctl":
            fcntl.ioctl(read, 0x8901, struct.pack("i", PID))
        elif how == "group":
            fcntl.fcntl(read, 8, -PID)
        elif how == "ex":
            fcntl.fcntl(read, 15, struct.pack("ii", 1, PID))
        else:
            fcntl.fcntl(read, 8, PID)
    finally:
        for one in (fd, read, write):
            os.close(one)


def ptrace_seize():
    syscall("ptrace", 0x4206, PID, 0, 0)
    syscall("ptrace", 17, PID, 0, 0)


def write_memory():
    data = ctypes.create_string_buffer(b"x")
    vector = struct.pack("QQ", ctypes.addressof(data), 1)
    there = struct.pack("QQ", 4096, 1)  # nothing is there: that is as far as it gets
    try:
        syscall("process_vm_writev", PID, vector, 1, there, 1, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise


def steal_descriptor():
    pidfd = os.pidfd_open(PID)
    try:
        os.close(syscall("pidfd_getfd", pidfd, 0, 0))
    finally:
        os.close(pidfd)


def pidfd_signal():
    pidfd = os.pidfd_open(PID)
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGSTOP)
    finally:
        os.close(pidfd)


def migrate():
    node = struct.pack("Q", 1)
    syscall("migrate_pages", PID, 64, node, node)


def second_hierarchy():
    os.makedirs(f"{TMP}/cgroup", exist_ok=True)
    mount("none", f"{TMP}/cgroup", "cgroup2", 0)
    try:
        opened(f"{TMP}/cgroup/system.slice/enforced.service/cgroup.kill")
    finally:
        umount(f"{TMP}/cgroup")


def detached_over(target):
    """What is mounted nowhere is mounted over it."""
    tree = syscall("open_tree", AT_FDCWD, TMP.encode(), 1 | 0x80000)
    try:
        syscall("move_mount", tree, b"", AT_FDCWD, target.encode(), 4)
        umount(target)
    finally:
        os.close(tree)


def bind_of(target):
    """Under another name, in another mount."""
    os.makedirs(f"{TMP}/bind", exist_ok=True)
    mount(target, f"{TMP}/bind", None, MS_BIND)
    try:
        new_file(f"{TMP}/bind/evil.toml")
    finally:
        umount(f"{TMP}/bind")


def through_detached():
    tree = syscall("open_tree", AT_FDCWD, POLICIES.encode(), 1 | 0x80000)
    try:
        fd = os.open("evil.toml", os.O_WRONLY | os.O_CREAT, dir_fd=tree)
        os.close(fd)
        os.unlink("evil.toml", dir_fd=tree)
    finally:
        os.close(tree)


def locked(path, how):
    fd = os.open(path, os.O_RDONLY)
    try:
        how(fd)
    finally:
        os.close(fd)


def fanotify():
    fd = syscall("fanotify_init", 4, 0)  # FAN_CLASS_CONTENT
    try:
        syscall("fanotify_mark", fd, 1 | 0x10, 0x10000, AT_FDCWD, b"/etc")  # FAN_MARK_MOUNT, FAN_OPEN_PERM
    finally:
        os.close(fd)


def replaced(path):
    with open(f"{TMP}/new", "wb"):
        pass
    os.rename(f"{TMP}/new", path)


def exchanged(path):
    with open(f"{TMP}/new", "wb"):
        pass
    syscall("renameat2", AT_FDCWD, f"{TMP}/new".encode(), AT_FDCWD, path.encode(), 2)


def private_mounts(then):
    """In a child, in a mount namespace of which nobody else sees anything."""
    child = os.fork()
    if not child:
        try:
            call(LIBC.unshare(0x20000))
            mount("none", "/", None, MS_REC | MS_PRIVATE)
            then()
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise OSError(status, os.strerror(status))


def shared_mounts():
    """As above, but what is mounted there is passed on to everybody."""
    child = os.fork()
    if not child:
        try:
            call(LIBC.unshare(0x20000))
            over("/etc/enforced")
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise OSError(status, os.strerror(status))


# By the operation that the daemon tells of.
TRIES = {
    "daemon-signal": {
        "term": lambda: os.kill(PID, signal.SIGTERM),
        "stop": lambda: os.kill(PID, signal.SIGSTOP),
        "kill": lambda: os.kill(PID, signal.SIGKILL),
        "hup": lambda: os.kill(PID, signal.SIGHUP),
        "pidfd": pidfd_signal,
        "owner": lambda: owner("process"),
        "owner-group": lambda: owner("group"),
        "owner-ex": lambda: owner("ex"),
        "owner-ioctl": lambda: owner("ioctl"),
    },
    "daemon-trace": {
        "seize": ptrace_seize,
        "write-memory": write_memory,
        "memory-file": lambda: opened(f"/proc/{PID}/mem", os.O_RDONLY),
        "descriptor": steal_descriptor,
    },
    "daemon-limit": {
        "prlimit": lambda: resource.prlimit(PID, resource.RLIMIT_NOFILE, (3, 3)),
        "nice": lambda: os.setpriority(os.PRIO_PROCESS, PID, 19),
        "affinity": lambda: os.sched_setaffinity(PID, {0}),
        "idle": lambda: os.sched_setscheduler(PID, os.SCHED_IDLE, os.sched_param(0)),
        "disk": lambda: syscall("ioprio_set", 1, PID, 3 << 13),
        "migrate": migrate,
    },
    "daemon-process": {
        "oom": lambda: opened(f"/proc/{PID}/oom_score_adj"),
        "comm": lambda: opened(f"/proc/{PID}/task/{PID}/comm"),
    },
    "daemon-cgroup": {
        **{name: lambda name=name: opened(f"{CGROUP}/{name}")
           for name in ("cgroup.kill", "cgroup.freeze", "cgroup.procs", "memory.max", "cgroup.subtree_control")},
        "slice-freeze": lambda: opened(f"{SLICE}/cgroup.freeze"),
        "slice-kill": lambda: opened(f"{SLICE}/cgroup.kill", os.O_RDWR),
        "second-hierarchy": second_hierarchy,
    },
    "daemon-bpf": {
        "link": lambda: got(30, LINK),
        "map": lambda: got(14, MAP),
        "program": lambda: got(13, PROGRAM),
        "pinned-map": lambda: os.close(obj_get(f"{PINS}/maps/control")),
        "detach": detach_pinned,
    },
    "daemon-change": {
        "unpin-map": lambda: os.unlink(f"{PINS}/maps/control"),
        "unpin-link": lambda: os.unlink(f"{PINS}/links/task_kill"),
        "move-pin": lambda: os.rename(f"{PINS}/links/task_kill", f"{PINS}/links/et"),
        "move-pins": lambda: os.rename(PINS, "/sys/fs/bpf/et"),
        "pin": obj_pin,
        "mkdir-pins": lambda: os.mkdir(f"{PINS}/et"),
        "rmdir-pins": lambda: os.rmdir(f"{PINS}/maps"),
        "chmod-pins": lambda: os.chmod(PINS, 0o700),
        "new-policy": lambda: new_file(f"{POLICIES}/evil.toml"),
        "write-policy": lambda: opened(POLICY),
        "truncate-policy": lambda: os.truncate(POLICY, 10),
        "truncate-read-only": lambda: opened(POLICY, os.O_RDONLY | os.O_TRUNC),
        "delete-policy": lambda: os.unlink(POLICY),
        "move-policy": lambda: there_and_back(POLICY, f"{TMP}/policy"),
        "replace-policy": lambda: replaced(POLICY),
        "exchange-policy": lambda: exchanged(POLICY),
        "link-policy": lambda: os.link(POLICY, "/etc/et-linked"),
        "linked-before": lambda: opened("/etc/et-before"),
        "mask-policy": lambda: os.symlink("/dev/null", f"{POLICIES}/a.toml"),
        "amend": lambda: os.mkdir(f"{POLICIES}/et-self.toml.d"),
        "chmod-policy": lambda: os.chmod(POLICY, 0o644),
        "chown-policies": lambda: os.chown(POLICIES, 0, 0),
        "label-policy": lambda: os.setxattr(POLICY, "trusted.et", b"1"),
        "bind-policies": lambda: bind_of(POLICIES),
        "detached-policies": through_detached,
        "move-directory": lambda: there_and_back("/etc/enforced", "/etc/et-moved"),
        "move-above": lambda: there_and_back("/etc", "/et-moved"),
        "runtime-policy": lambda: new_file("/run/enforced/et"),
        "replace-program": lambda: replaced("/usr/sbin/enforced"),
        "unit": lambda: os.symlink("/dev/null", "/etc/systemd/system/enforced.service"),
        "drop-in": lambda: os.mkdir(DROP_INS),
        "cgroup-below": lambda: os.mkdir(f"{CGROUP}/et"),
        "cgroup-owner": lambda: os.chown(f"{CGROUP}/cgroup.procs", 0, 0),
    },
    "daemon-lock": {
        "flock": lambda: locked(PINS, lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)),
        "lease": lambda: locked(POLICY, lambda fd: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)),
        "fanotify": fanotify,
    },
    "daemon-mount": {
        "over-pins": lambda: over(PINS),
        "over-bpffs": lambda: over("/sys/fs/bpf"),
        "over-policies": lambda: over(POLICIES),
        "over-etc": lambda: over("/etc"),
        "detached-over": lambda: detached_over("/etc/enforced"),
        "unmount": lambda: umount("/sys/fs/bpf"),
        "remount": lambda: mount("bpf", "/sys/fs/bpf", "bpf", MS_REMOUNT | MS_RDONLY),
        "shared": shared_mounts,
    },
}

# What nobody minds.
FREE = {
    "is-there": lambda: os.kill(PID, 0),
    "look": lambda: os.readlink(f"/proc/{PID}/exe"),
    "read-policy": lambda: opened(POLICY, os.O_RDONLY),
    "own-signal": lambda: os.kill(os.getpid(), signal.SIGURG),
    "own-nice": lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
    "own-file": lambda: new_file(f"{TMP}/enforced"),
    "own-map": lambda: got(0, 2, 4, 4, 1),
    "slice-move": lambda: opened(f"{SLICE}/cgroup.procs"),
    "mount": lambda: over(TMP),
    "private-over-etc": lambda: private_mounts(lambda: over("/etc")),
}


def main(numbers, wanted):
    global PID, LINK, MAP, PROGRAM  # pylint: disable=global-statement
    PID, LINK, MAP, PROGRAM = map(int, numbers)
    os.makedirs(TMP, exist_ok=True)
    for tries in (*TRIES.values(), FREE):
        for name, attempt in tries.items():
            if wanted and name not in wanted:
                continue
            try:
                attempt()
                result = "-"
            except OSError as error:
                result = errno.errorcode.get(error.errno, str(error.errno))
            print(name, result, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:5], sys.argv[5:])
