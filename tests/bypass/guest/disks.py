# SPDX-License-Identifier: GPL-2.0-or-later
"""Classes A15 and A16: file systems that know a file by several spellings, and other ways to what a file holds. Each
attempt's file system is made in a file and mounted at its directory `dir`."""

import fcntl
import os
import shutil
import struct

from bypass.fixtures import PF1
from bypass.names import DISKS
from bypass.row import ROOT, Fixture, Row
from host import run, write

SPELLINGS = "a glob is compared with the one by which it was looked up last, or first"
SECOND_MOUNT = "what is mounted below a directory that a rule names, where the unit can reach it by another mount as well"
SUBVOLUMES = "Subvolumes of a btrfs are not told apart"
NO_FOLDING = "the kernel, or mke2fs, folds no case"
NO_VFAT = "the kernel has no vfat"
NO_BTRFS = "the machine has no btrfs, or no mkfs.btrfs"
LONG_NAME = "long-secret-name.txt"
# Of <linux/btrfs.h>
SNAPSHOT_CREATE, SUBVOLUME_CREATE = 0x50009401, 0x5000940e


def spelled(name, path):
    """Of which one file is named, and none of the directories above it."""
    return Fixture(name, f'''
[[file.rule]] # file.rule[0]
path = ["{path}"]
access = ["read", "write"]
action = "deny"
''', "file.rule[0]", "read")


LITERAL = spelled("pf1-spelled", "@root/deny/a/T28-by-other-letters/dir/folded/secret")
SHORT = spelled("pf1-short", f"@root/deny/a/T28-by-its-short-name/dir/{LONG_NAME}")
GLOB = spelled("pf1-spelled-glob", "@root/deny/**/folded/secret")
SHORT_GLOB = spelled("pf1-short-glob", f"@root/deny/**/{LONG_NAME}")
LOOPS = spelled("pf1-loops", "/dev/loop*")
NAMED = Fixture("pf1-named", '''
[[file.rule]] # file.rule[0]
path = [
  "@root/deny/a/T108-second-mount-by-its-point/dir/**",
  "@root/deny/a/T108-subvolume/dir/**",
  "@root/deny/a/T108-snapshot/dir/**",
  "@root/deny/a/T108-other-subvolume/dir/**",
]
access = ["read"]
action = "deny"
''', "file.rule[0]", "read")


def mount(place, *options, at=""):
    """Whether it can be."""
    run("modprobe", "loop", check=False)
    words = "mount", "-o", ",".join(("loop", *options)), f"{place.o}/disk", at or f"{place.d}/dir"
    return run(*words, check=False).returncode == 0


def folding(place, name="secret"):
    """ext4, with a directory in which upper and lower case are the same."""
    with open(f"{place.o}/disk", "wb") as disk:
        disk.truncate(4 << 20)
    run("mke2fs", "-q", "-t", "ext4", "-O", "casefold", "-E", "encoding=utf8", f"{place.o}/disk", check=False)
    if not mount(place):
        return
    os.mkdir(f"{place.d}/dir/folded")
    run("chattr", "+F", f"{place.d}/dir/folded", check=False)
    write(f"{place.d}/dir/folded/{name}", "content\n")


def folding_large(place):
    """The rule says it in small letters."""
    folding(place, "SECRET")


def fat(path):
    """An empty file system of FAT12: 512 sectors of 512 bytes, one of them for the boot, one for the table, 4 for the root."""
    boot = b"\xeb\x3c\x90ENFORCED" + struct.pack("<HBHBHHBHHHII", 512, 1, 1, 1, 64, 512, 0xf8, 2, 32, 2, 0, 0)
    boot += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 1, b"ENFORCED   ", b"FAT12   ")
    write(path, "")
    with open(path, "wb") as disk:
        disk.write(boot.ljust(510, b"\0") + b"\x55\xaa" + b"\xf8\xff\xff".ljust(1024, b"\0"))
        disk.truncate(512 * 512)


def short_names(place):
    """vfat, where each file with a long name has a short one too."""
    fat(f"{place.o}/disk")
    if mount(place, "umask=022"):
        write(f"{place.d}/dir/{LONG_NAME}", "content\n")


def looped(place):
    """The file is read as a disk."""
    write(f"{place.d}/file", "content\n".ljust(512))
    run("modprobe", "loop", check=False)
    device = run("losetup", "--find", "--show", f"{place.d}/file", check=False).stdout.strip()
    os.symlink(device or "/dev/none", f"{place.o}/device")


def below(place):
    """A file system of its own is mounted below what the rule denies, and a second time elsewhere."""
    run("mount", "-t", "tmpfs", "tmpfs", f"{place.d}/dir")
    run("mount", "--bind", f"{place.d}/dir", f"{place.o}/dir")
    write(f"{place.d}/dir/secret", "content\n")


def snapshot(place):
    """btrfs, of which the rule denies a subvolume; beside that are a snapshot of it, and one that is no business of it."""
    with open(f"{place.o}/disk", "wb") as disk:
        disk.truncate(128 << 20)
    if not shutil.which("mkfs.btrfs") or run("mkfs.btrfs", "-q", f"{place.o}/disk", check=False).returncode:
        return
    if not mount(place, at=f"{place.o}/dir"):
        return
    top = os.open(f"{place.o}/dir", os.O_RDONLY)
    for name in (b"of", b"other"):
        fcntl.ioctl(top, SUBVOLUME_CREATE, bytearray(struct.pack("q4088s", 0, name)))
        write(f"{place.o}/dir/{name.decode()}/secret", "content\n")
    of = os.open(f"{place.o}/dir/of", os.O_RDONLY)
    fcntl.ioctl(top, SNAPSHOT_CREATE, bytearray(struct.pack("q4088s", of, b"copy")))
    os.close(of)
    os.close(top)
    run("mount", "--bind", f"{place.o}/dir/of", f"{place.d}/dir")


def on(path):
    return {"prepare": snapshot, "object": path, "lacks": NO_BTRFS, "changes": True}


ROWS = [
    Row("T28", 1, "A15", "other spellings of a name", [
        LITERAL.denied("by-other-letters", "read @d/dir/folded/SECRET", object="@d/dir/folded/*", prepare=folding,
                       lacks=NO_FOLDING, changes=True),
        GLOB.documented("by-other-letters-of-a-glob", "read @d/dir/folded/SECRET", SPELLINGS, prepare=folding_large,
                        lacks=NO_FOLDING),
        PF1.denied("below-a-directory", "read @d/dir/folded/SECRET", object="@d/dir/folded/*", prepare=folding,
                   lacks=NO_FOLDING, changes=True),
        SHORT.denied("by-its-short-name", "read @d/dir/LONG-S~1.TXT", object="@d/dir/*", prepare=short_names, lacks=NO_VFAT,
                     changes=True),
        SHORT_GLOB.documented("by-its-short-name-of-a-glob", "read @d/dir/LONG-S~1.TXT", SPELLINGS, prepare=short_names,
                              lacks=NO_VFAT),
        PF1.denied("short-name-below-a-directory", "read @d/dir/LONG-S~1.TXT", object="@d/dir/*", prepare=short_names,
                   lacks=NO_VFAT, changes=True),
    ]),
    Row("T108", 1, "A16", "read as a disk, by a second mount, and out of a snapshot", [
        PF1.documented("loop", "read @o/device", DISKS, prepare=looped, by=(ROOT,)),
        LOOPS.denied("loop-by-a-rule", "read @o/device", object="/dev/loop*", prepare=looped, by=(ROOT,)),
        PF1.denied("mounted-below", "read @d/dir/secret", prepare=below, object="@d/dir/secret", changes=True),
        PF1.documented("second-mount", "read @o/dir/secret", SECOND_MOUNT, prepare=below),
        NAMED.denied("second-mount-by-its-point", "read @o/dir/secret", prepare=below, object="@o/dir/secret", changes=True),
        NAMED.denied("subvolume", "read @o/dir/of/secret", **on("@o/dir/of/secret")),
        NAMED.denied("snapshot", "read @o/dir/copy/secret", says=SUBVOLUMES, **on("@o/dir/copy/secret")),
        NAMED.denied("other-subvolume", "read @o/dir/other/secret", says=SUBVOLUMES, **on("@o/dir/other/secret")),
    ]),
]
