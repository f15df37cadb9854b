# SPDX-License-Identifier: GPL-2.0-or-later
"""Class F, and what else is asked of the kernel: mounts, namespaces, capabilities, tunables, modules."""

from bypass.fixtures import PC, PK, PM, PW
from bypass.row import ROOT, USER, Row
from kernel_cases import proc, tmpfs

ATTRIBUTES = ("changing a mount's flags by `mount_setattr`, and entering or copying a mount namespace pass no hook of their "
              "own")


def mount(name, tries, object="@d/dir", **options):
    return PM.denied(name, tries, object=object, refused="EPERM", **{"by": (ROOT,), **options})


def tunable(name, path, **options):
    return PW.denied(name, f"write {path}", object=path, refused="EPERM", **{"by": (ROOT,), **options})


def capable(name, tries, object, rule, **options):
    return PC.denied(name, f"--fork {tries}", object=object, rule=f"capability.deny[{rule}]", refused="EPERM", **options)


ROWS = [
    Row("T09", 0, "A6", "mounted by the newer calls", [
        mount("make", "makefs tmpfs", "tmpfs"),
        mount("move", "movemount @o @d/dir"),
        mount("reconfigure", "reconfigure @d/dir", "", prepare=tmpfs),  # of which mount it is, nobody says
        mount("old-call", "tmpfs @d/dir"),
        mount("in-namespace", "--fork unshare-user , tmpfs @d/dir", by=(USER,)),
        mount("make-in-namespace", "--fork unshare-user , makefs tmpfs", "tmpfs", by=(USER,)),
        PM.documented("mount-setattr", "mountattr @d/dir", ATTRIBUTES, prepare=tmpfs, by=(ROOT,)),
        PM.documented("open-tree", "detached @o file", ATTRIBUTES, by=(ROOT,)),
    ]),
    Row("T80", 0, "F8", "files by which the kernel is told what to run", [
        tunable("core-pattern", "/proc/sys/kernel/core_pattern"),
        tunable("modprobe", "/proc/sys/kernel/modprobe"),
        tunable("sysrq", "/proc/sysrq-trigger"),
        tunable("rcu", "/sys/kernel/rcu_expedited"),
        tunable("other-mount", "@d/dir/sys/kernel/core_pattern", prepare=proc),
        tunable("own-mount", "@d/dir/sysrq-trigger", prepare=proc),
    ]),
    Row("T81", 0, "F9", "modules, and a kernel to boot", [
        PK.denied("file", "loadfile @d/file", object="a module", refused="EPERM", by=(ROOT,)),
        PK.denied("image", "loadimage", object="a module", refused="EPERM", by=(ROOT,)),
        PK.denied("autoload", "autoload", object="net-pf-2-proto-201*", refused="", action="deny", events=2),
        PK.denied("kexec-file", "kexecfile @d/file", object="@d/file", refused="EPERM", by=(ROOT,)),
        PK.denied("kexec", "kexec", object="a kernel to boot", refused="EPERM", by=(ROOT,)),
    ]),
    Row("T82", 0, "F1", "a user namespace", [
        PK.denied("unshare", "--fork newuser", "user-namespace", "a user namespace", rule="kernel.user-namespace",
                  refused="EPERM"),
        PK.denied("clone", "cloneuser", "user-namespace", "a user namespace", rule="kernel.user-namespace", refused="EPERM"),
        PK.denied("with-mounts", "--fork unshare-user", "user-namespace", "a user namespace", rule="kernel.user-namespace",
                  refused="EPERM"),
    ]),
    Row("T83", 1, "F7", "capabilities, in a user namespace too, and often", [
        capable("sys-admin", "unshare", "sys_admin", 0, by=(ROOT,)),
        capable("net-raw", "cap net_raw -", "net_raw", 1, by=(ROOT,)),
        capable("chroot", "chroot /", "sys_chroot", 4, by=(ROOT,)),
        capable("chroot-in-namespace", "newuser , chroot /", "sys_chroot", 4),
        capable("often", "chroot /", "sys_chroot", 4, by=(ROOT,), count=50),
    ]),
]
