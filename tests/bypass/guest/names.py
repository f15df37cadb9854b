# SPDX-License-Identifier: GPL-2.0-or-later
"""Class A: names and identity of files."""

import os
import shutil
import subprocess

from bypass.fixtures import PF1, PF2
from bypass.row import ROOT, Fixture, Row
from file_cases import symlink
from host import PROBE, run, write
from name_cases import OVERLAY_STEPS, STRANGE, bind, deep, elsewhere, hard_link, jail, named, overlay, replace, tmpfs

STAT = "Looking at a file's attributes (`stat`) and walking through a directory need no access."
RENAMED = "What somebody else renames, or moves a directory of, is named anew"
COPIES = "What somebody else copies out of a file is another file"
DISKS = "A device through which the file system can be read past its files (`/dev/vda`)"
MOUNTED = {"rule": "file.default", "operation": "mount", "refused": "EPERM"}
NAMELESS = {"rule": "file.default"}
SLEEPERS = []


def moved_away(place):
    """Somebody else takes the whole tree that the rule names elsewhere, and puts nothing in its place."""
    os.rename(f"{place.root}/deny", f"{place.root}/moved")
    run("systemctl", "reload", "enforced")


def stranger(place):
    """A process of the same user in a mount namespace of its own."""
    words = ["unshare", "--mount", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "900"]
    SLEEPERS.append(subprocess.Popen(words if os.stat(place.d).st_uid else ["unshare", "--mount", "sleep", "900"]))
    link = f"{place.o}/process"
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(f"/proc/{SLEEPERS[-1].pid}/root", link)


def overlaid(step):
    """The container's workload, as the system tests have it."""
    return OVERLAY.allowed(step.name, step.tries, prepare=step.prepare, by=(ROOT,))


def program(place):
    shutil.copy(PROBE, f"{place.d}/program")


def copied(place):
    shutil.copy(f"{place.d}/file", f"{place.o}/copy")


OVERLAY = Fixture("pf2-overlay", '''
[file]
default = "deny" # file.default
[[file.rule]]
path = ["@root/ok/**/merged/**", "@root/ok/**/merged"]
access = "all"
action = "allow"
''')

DEVICES = Fixture("pf1-devices", '''
[[file.rule]] # file.rule[0]
path = ["/dev/vd*"]
access = ["read", "write"]
action = "deny"
''', "file.rule[0]", "read")

# Process 1 is not to be moved by what is mounted here.
PIVOT = Fixture("pf1-pivot", PF1.policy, service=("PrivateMounts=yes", "MountFlags=private"))

MOVED = Fixture("pf1-moved", PF1.policy, PF1.rule, PF1.operation)

LONG = 255 * "n"
# As long as a path can be that is opened: 4095 bytes, in 16 components of the longest kind and some more.
EXACT = Fixture("pf1-exact", f'''
[[file.rule]] # file.rule[0]
path = ["@root/deny/**/{LONG}", "@root/ok/a/T25-*/{16 * (240 * "d" + "/")}key", "@root/sec/**"]
access = ["read"]
action = "deny"
''', "file.rule[0]", "read")


def at_sec(place):
    for directory in ("sec", "secret"):
        write(f"{place.root}/{directory}/file", "content\n", 0o644)


ROWS = [
    Row("T01", 0, "A1", "a second hard link", [
        PF1.denied("link", "link @d/file @o/new", "link"),
        PF1.denied("link-of-descriptor", "linkfd @d/file @o/new", "link", by=(ROOT,)),
        PF1.denied("made-before", "read @o/hard", object="@o/hard", prepare=hard_link),
        PF1.denied("made-meanwhile", "read @o/hard", object="@o/hard", later=hard_link),
    ]),
    Row("T02", 0, "A2", "renamed to an allowed name", [PF1.denied("out", "rename @d/file @o/new", "rename")]),
    Row("T03", 0, "A2", "another file takes the name", [PF1.denied("in", "rename @o/other @d/file", "write")]),
    Row("T04", 0, "A2", "names exchanged, either way round", [
        PF1.denied("exchange", "exchange @d/file @o/file", "rename"),
        PF1.denied("exchanged", "exchange @o/file @d/file", "write"),
    ]),
    Row("T05", 0, "A3", "a directory above is renamed", [
        PF1.denied("rename", "rename @d/dir @o/new", "rename", "@d/dir", rule="file.default"),
        MOVED.documented("by-others", "read @root/moved/a/T05-by-others/file", RENAMED, later=moved_away, by=(ROOT,)),
    ]),
    Row("T06", 0, "A4", "symbolic links, and ways to resolve a path", [
        PF1.denied("symlink", "read @o/link", prepare=symlink),
        PF1.denied("dotdot", "read @o/dir/../../../../deny/a/T06-dotdot/dir/../file"),
        PF1.denied("openat2", "openat2 @d file"),
        PF1.denied("openat2-from-above", "openat2 @root deny/a/T06-openat2-from-above/file"),
    ]),
    Row("T07", 0, "A5", "bind mounts, in a mount namespace of one's own", [
        PF1.denied("mount", "bindmount @d @o/dir", object="@o/dir", by=(ROOT,), **MOUNTED),
        PF1.denied("mount-in-namespace", "--fork unshare-user , bindmount @d @o/dir", object="@o/dir", **MOUNTED),
        PF1.denied("directory", "read @o/dir/file", object="@o/dir/file", prepare=bind("@d", "@o/dir")),
        PF1.denied("file", "read @o/other", object="@o/other", prepare=bind("@d/file", "@o/other")),
        PF1.denied("in-namespace", "--fork unshare-user , read @d/file"),
        PF1.denied("in-the-namespace-of-process-1", "--fork setns , read @d/file", by=(ROOT,)),
        PF1.denied("other-file-in-namespace", "--fork unshare-user , read @o/file", object="@o/file", **NAMELESS),
    ]),
    Row("T08", 0, "A6", "a mount that is attached nowhere", [
        PF1.denied("directory", "detached @d file", object="/file", by=(ROOT,)),
        PF1.denied("file", "detachedfile @d/file", object="/file", by=(ROOT,)),
        PF1.denied("directory-in-namespace", "--fork unshare-user , detached @d file", object="/file"),
        PF1.denied("harmless", "detached @o file", object="/file", by=(ROOT,), **NAMELESS),
        PF1.denied("handle", "handle @d/file @o", by=(ROOT,)),
    ]),
    Row("T10", 0, "A9", "another root directory", [
        PF1.denied("chroot", "--fork chroot @d", object="@d", rule="file.default", operation="chroot", refused="EPERM",
                   by=(ROOT,)),
        PF1.denied("chroot-in-namespace", "--fork unshare-user , chroot @d", object="@d", rule="file.default",
                   operation="chroot", refused="EPERM"),
        PIVOT.denied("pivot", "pivot @o/dir", object="@o/dir", prepare=tmpfs, by=(ROOT,), **MOUNTED),
    ]),
    Row("T11", 0, "A7", "a directory that has left the mount through which it is held", [
        PF1.denied("left", "--fork hold-path @o/bound/in , rename @o/jail/in @o/out , readat file", object="@o/out/file",
                   prepare=jail, changes=True, **NAMELESS),
    ]),
    Row("T13", 0, "A10", "the lower layer of an overlay", [
        PF1.denied("mount", "overlay @d @o/dir", object="@o/dir", by=(ROOT,), **MOUNTED),
        PF1.denied("mount-in-namespace", "--fork unshare-user , overlay @d @o/dir", object="@o/dir", **MOUNTED),
        PF1.denied("read", "read @o/merged/file", prepare=overlay),
        PF1.denied("copy-up", "write @o/merged/file", "read", prepare=overlay, by=(ROOT,)),
        PF1.denied("exec", "exec @o/merged/program", "read", "@d/program", by=(ROOT,),
                   prepare=lambda place: (program(place), overlay(place))),
    ]),
    Row("T14", 0, "A10", "a container's root of layers works", [overlaid(step) for step in OVERLAY_STEPS if not step.rule]),
    Row("T15", 0, "A11", "links in /proc", [
        PF1.denied("root", "read /proc/self/root@d/file"),
        PF1.denied("cwd", "--fork chdir @d , read /proc/self/cwd/file"),
        PF1.denied("thread", "read /proc/thread-self/root@d/file"),
        PF1.denied("relative", "--fork hold-path @d , readat file"),
        PF1.denied("root-of-another-namespace", "read @o/process@d/file", prepare=stranger, by=(ROOT,)),
    ]),
    Row("T16", 0, "A12", "a descriptor that was opened for nothing", [
        PF1.denied("reopen", "reopen @d/file"),
        PF1.denied("link", "linkfd @d/file @o/new", "link", by=(ROOT,)),
        PF1.documented("path-only", "hold-path @d/file", STAT),
        PF1.documented("stat", "stat @d/file", STAT),
    ]),
    Row("T23", 0, "A13", "many components, and long ones", [
        PF1.denied("25", "deep @d 25 1", object="@d" + 25 * "/d" + "/key", prepare=deep(25, 1)),
        PF1.denied("70", "deep @d 70 1", object=63 * "/d" + "/key", prepare=deep(70, 1)),
        PF1.denied("130", "deep @d 130 1", object=63 * "/d" + "/key", prepare=deep(130, 1), by=(ROOT,), rule="file.default"),
        PF1.denied("300", "deep @d 300 1", object=63 * "/d" + "/key", prepare=deep(300, 1), by=(ROOT,), rule="file.default"),
        PF1.denied("4096-bytes", "deep @d 20 250", object="/" + 250 * "d" + "/*", prepare=deep(20, 250)),
    ]),
    Row("T24", 1, "A13", "many components where it is allowed", [
        PF2.allowed("25", "deep @o 25 1", prepare=lambda place: deep(25, 1)(elsewhere(place))),
        PF2.allowed("50", "deep @o 50 1", prepare=lambda place: deep(50, 1)(elsewhere(place))),
        PF2.denied("70", "deep @o 70 1", object=63 * "/d" + "/key", prepare=lambda place: deep(70, 1)(elsewhere(place))),
    ]),
    Row("T25", 1, "A13", "the longest names, and names that begin alike", [
        EXACT.denied("255-bytes", f"read @d/{LONG}", object=f"@d/{LONG}", prepare=named(LONG)),
        EXACT.allowed("254-bytes", f"read @d/{LONG[1:]}", prepare=named(LONG[1:])),
        EXACT.denied("4000-bytes", "deep @d 16 240", at="ok", object="/" + 240 * "d" + "/*", prepare=deep(16, 240)),
        EXACT.denied("prefix", "read @root/sec/file", object="@root/sec/file", prepare=at_sec),
        EXACT.allowed("longer", "read @root/secret/file", prepare=at_sec),
    ]),
    Row("T26", 0, "A14", "strange names", [
        PF1.denied(kind, f"read @d/{encoded}", object=f"@d/{encoded}", prepare=named(name))
        for kind, (name, encoded) in STRANGE.items()
    ]),
    Row("T29", 2, "A17", "the file is replaced by others", [PF1.denied("replaced", "read @d/file", later=replace)]),
    Row("T31", 1, "A16", "the same content elsewhere", [
        PF1.documented("copy", "read @o/copy", COPIES, prepare=copied),
        PF1.documented("disk", "read /dev/vda", DISKS, by=(ROOT,)),
        DEVICES.denied("disk-by-a-rule", "read /dev/vda", object="/dev/vda", by=(ROOT,)),
    ]),
]
