# SPDX-License-Identifier: GPL-2.0-or-later
"""[kernel]: each key by all that it stands for, and by what looks like it and is the unit's own business."""

import os
import socket
import subprocess

from battery import Group, Step
from host import run

STRANGER = 65534

# Process 1 is not to be moved by what is mounted here.
PRIVATE = ("PrivateMounts=yes", "MountFlags=private")


def key(name, tries, rule, object="@d/file", **options):
    """Mostly without a neighbour of its own: what the key does not speak of are steps, too."""
    return Step(name, f"--fork {tries}", f"kernel.{rule}", options.pop("operation", rule), object,
                **{"refused": "EPERM", "elsewhere": None, **options})


def free(name, tries, **options):
    return Step(name, f"--fork {tries}", elsewhere=None, refused="", **options)


def process(place):
    """The step's file holds the number of a process that is in no unit of ours."""
    sleeper = subprocess.Popen(["sleep", "600"], user=STRANGER, group=STRANGER, extra_groups=[])
    with open(f"{place.d}/file", "w") as file:
        file.write(str(sleeper.pid))


def tmpfs(place):
    run("mount", "-t", "tmpfs", "tmpfs", f"{place.d}/dir")


def proc(place):
    """procfs at another place, under another name."""
    run("mount", "-t", "proc", "proc", f"{place.d}/dir")


SERVICES = '''
[kernel]
modules = "deny" # kernel.modules
bpf = "deny" # kernel.bpf
user-namespace = "deny" # kernel.user-namespace
io-uring = "deny" # kernel.io-uring
perf = "deny" # kernel.perf
keyring = "deny" # kernel.keyring
mount = "allow"
'''

SERVICES_STEPS = [
    key("module", "cap sys_module -", "modules", "a module"),
    # Who causes it is not told, and sees no difference.
    key("autoload", "autoload", "modules", "net-pf-2-proto-201*", refused="", action="deny", events=2),
    key("kexec", "kexec", "modules", "a kernel to boot"),
    key("kexec-file", "kexecfile @d/file", "modules"),
    key("bpf", "cap bpf -", "bpf", "map-create"),
    key("often", "cap bpf -", "bpf", "map-create", count=20),
    key("user-namespace", "newuser", "user-namespace", "a user namespace"),
    key("user-and-mount-namespace", "unshare-user", "user-namespace", "a user namespace"),
    key("io-uring", "ring", "io-uring", "an io_uring"),
    key("io-uring-thread", "ring", "io-uring", "an io_uring"),
    key("perf", "cap perfmon -", "perf", "a perf event"),
    key("key-of-process", "addkey process", "keyring", "_pid"),
    key("key-of-session", "addkey session", "keyring", "_ses*"),
    key("key-ring", "joinkeys et-ring", "keyring", "et-ring"),
    key("key-described", "describekeys", "keyring", "_ses*"),
    free("mount-namespace", "unshare"),
    free("mount", "tmpfs @d/dir"),
    free("capability", "cap sys_admin -"),
]

MOUNT = '''
[kernel]
mount = "deny" # kernel.mount
'''


def mount(name, tries, object="@d/dir", **options):
    return key(name, tries, "mount", object, **options)


MOUNT_STEPS = [
    mount("bind", "bindmount @o @d/dir"),
    mount("mount", "tmpfs @d/dir"),
    mount("remount", "remount @d/dir", prepare=tmpfs),
    mount("reconfigure", "reconfigure @d/dir", "", prepare=tmpfs),  # of which mount it is, nobody says
    mount("unmount", "umount @d/dir", prepare=tmpfs),
    mount("move", "movemount @o @d/dir"),
    mount("make", "makefs tmpfs", "tmpfs"),
    free("chroot", "chroot @d/dir"),
    free("open-detached", "detached @d file"),
]

PROCESSES = '''
[kernel]
ptrace = "deny" # kernel.ptrace
signal = "deny" # kernel.signal
'''


def other(name, tries, rule, object, **options):
    return key(name, tries, rule, object, prepare=process, **options)


PROCESSES_STEPS = [
    other("seize", "seize @d/file", "ptrace", "sleep"),
    other("exe", "exeof @d/file", "ptrace", "sleep", refused="EACCES"),
    other("memory", "memoryof @d/file", "ptrace", "sleep"),
    other("signal", "signal @d/file 18", "signal", "SIGCONT to sleep"),
    other("stop", "signal @d/file 19", "signal", "SIGSTOP to sleep"),
    other("owner", "setowner @d/file", "signal", "SIGIO"),
    other("owner-ex", "setowner-ex @d/file", "signal", "SIGIO"),
    other("owner-ioctl", "ioctlowner @d/file", "signal", "SIGIO"),
    key("freeze", "write /sys/fs/cgroup/user.slice/cgroup.freeze", "signal", "/sys/fs/cgroup/user.slice/cgroup.freeze"),
    free("detail", "statof @d/file", prepare=process),
    free("is-there", "signal @d/file 0", prepare=process),
    free("own-child", "ownchild"),
    free("own-owner", "setowner self"),
    free("other-cgroup", "write /sys/fs/cgroup/system.slice/cgroup.procs"),
]

TUNABLES = '''
[kernel]
tunables = "deny" # kernel.tunables
'''


def tunable(name, path, **options):
    return key(name, f"write {path}", "tunables", path, **options)


TUNABLES_STEPS = [
    tunable("sysctl", "/proc/sys/kernel/core_pattern"),
    tunable("sysrq", "/proc/sysrq-trigger"),
    tunable("sysfs", "/sys/kernel/rcu_expedited"),
    tunable("cgroup", "/sys/fs/cgroup/system.slice/cgroup.procs"),
    tunable("other-process", "/proc/1/oom_score_adj"),
    tunable("elsewhere", "@d/dir/sys/kernel/core_pattern", prepare=proc),
    free("read-sysctl", "read /proc/sys/kernel/core_pattern"),
    free("own-process", "write /proc/self/oom_score_adj"),
    free("own-cgroup", "owncgroup"),
    free("ordinary", "write @d/file"),
    free("device", "write /dev/null"),
]

SYSTEMD = '''
[kernel]
systemd = "deny" # kernel.systemd
'''

BUS = "/run/dbus/system_bus_socket"
USERS = "/run/user/4242/systemd/private"
listening = []


def users(_):
    """What the manager of a user would listen on."""
    if not listening:
        os.makedirs(os.path.dirname(USERS))
        listening.append(socket.socket(socket.AF_UNIX))
        listening[0].bind(USERS)
        listening[0].listen(4096)

GROUPS = [
    Group("kernel-services", SERVICES, SERVICES_STEPS),
    Group("kernel-mount", MOUNT, MOUNT_STEPS),
    Group("kernel-pivot", MOUNT, [mount("pivot", "pivot @d/dir", prepare=tmpfs)], service=PRIVATE),
    Group("kernel-processes", PROCESSES, PROCESSES_STEPS),
    Group("kernel-tunables", TUNABLES, TUNABLES_STEPS),
    Group("kernel-systemd", SYSTEMD, [
        key("private", "connectunix /run/systemd/private", "systemd", "/run/systemd/private"),
        key("bus", f"connectunix {BUS}", "systemd", BUS),
        key("users", f"connectunix {USERS}", "systemd", USERS, prepare=users),
        free("journal", "connectunix /run/systemd/journal/stdout"),
    ]),
    # For others than root, PID 1 asks polkit.
    Group("kernel-systemd-user", SYSTEMD, [free("bus", f"connectunix {BUS}")], service=("User=nobody",)),
    Group("kernel-audit", 'mode = "audit"' + SERVICES, [
        key("ring", "ring", "io-uring", "an io_uring", refused="", action="would-deny"),
    ]),
]
