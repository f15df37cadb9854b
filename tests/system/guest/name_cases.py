# SPDX-License-Identifier: GPL-2.0-or-later
"""Names and objects: what a deny rule names stays refused under whatever name it is reached, and what has no name is
refused where there are file rules."""

import os
from types import SimpleNamespace

from battery import Group, Step
from host import run, write
from peers import GIVERS

# Reading and writing only: that links and renames are refused all the same is the point.
SECRET = '''
[file] # file.default
[[file.rule]] # file.rule[0]
path = ["@root/deny/**"]
access = ["read", "write"]
action = "deny"
'''


def refused(name, tries, operation="read", object="@d/file", **options):
    return Step(name, tries, "file.rule[0]", operation, object, **options)


def unnamed(name, tries, operation="read", object="*", elsewhere=None, **options):
    """Refused because it has no name, or by the guard: what the section's default stands for."""
    return Step(name, tries, "file.default", operation, object, elsewhere=elsewhere, **options)


def guarded(name, tries, object, operation="mount", **options):
    return unnamed(name, tries, operation, object, refused="EPERM", **options)


def hard_link(place):
    os.link(f"{place.d}/file", f"{place.o}/hard")


def bind(source, target):
    def prepare(place):
        run("mount", "--bind", place.expand(source), place.expand(target))
    return prepare


def overlay(place):
    for name in ("upper", "work", "merged"):
        os.mkdir(f"{place.o}/{name}")
    run("mount", "-t", "overlay", "overlay", "-o",
        f"lowerdir={place.d},upperdir={place.o}/upper,workdir={place.o}/work", f"{place.o}/merged")


def tmpfs(place):
    run("mount", "-t", "tmpfs", "tmpfs", f"{place.o}/dir")


def jail(place):
    """A directory that is to leave the mount through which it is held."""
    os.makedirs(f"{place.o}/jail/in")
    os.mkdir(f"{place.o}/bound")
    write(f"{place.o}/jail/in/file", "content\n")
    run("mount", "--bind", f"{place.o}/jail", f"{place.o}/bound")


def deep(count, length):
    """Directories below one another, made one by one: together their names may be longer than a path can be."""
    def prepare(place):
        fd = os.open(place.d, os.O_RDONLY)
        for _ in range(count):
            os.mkdir("d" * length, dir_fd=fd)
            below = os.open("d" * length, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        os.close(os.open("key", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd))
        os.close(fd)
    return prepare


def elsewhere(place):
    """The same place, with @o for @d."""
    return SimpleNamespace(d=place.o)


def named(name):
    def prepare(place):
        write(f"{place.d}/{name}", "content\n")
    return prepare


def replace(place):
    os.rename(f"{place.d}/other", f"{place.d}/file")


def give(place):
    GIVERS.give(f"{place.d}/file", lambda path=f"{place.d}/file": open(path, "rb"))


STRANGE = {"newline": ("a\nb", "a%0ab"), "bytes": ("\udcff\udcfe", "%ff%fe"), "escape": ("\x1b[31m", "%1b[31m"),
           "deleted": ("x (deleted)", "x%20(deleted)"), "long": ("n" * 255, "n" * 255), "fields": ("A=1\nMESSAGE=2", "A=1%0aMESSAGE=2")}

STEPS = [
    refused("link", "link @d/file @o/new", "link"),
    refused("rename-out", "rename @d/file @o/new", "rename"),
    refused("rename-in", "rename @o/other @d/file", "write"),
    refused("exchange", "exchange @d/file @o/file", "rename", elsewhere=None),
    refused("exchanged", "exchange @o/file @d/file", "write", elsewhere=None),
    unnamed("rename-directory", "rename @d/dir @o/new", "rename", "@d/dir", elsewhere=""),
    refused("hard-link", "read @o/hard", object="@o/hard", prepare=hard_link),
    refused("bind-mount", "read @o/dir/file", object="@o/dir/file", prepare=bind("@d", "@o/dir")),
    refused("bind-mount-later", "read @o/dir/file", object="@o/dir/file", later=bind("@d", "@o/dir")),
    refused("bind-mount-below", "read @o/dir/inner", object="@o/dir/inner", prepare=bind("@d/dir", "@o/dir")),
    refused("bind-mount-file", "read @o/other", object="@o/other", prepare=bind("@d/file", "@o/other")),
    refused("over-mounted", "read @d/file", prepare=bind("@o/file", "@d/file")),
    refused("overlay-lower", "read @o/merged/file", prepare=overlay),
    refused("overlay-copy-up", "write @o/merged/file", "read", prepare=overlay),
    refused("detached", "detached @d file", object="/file", elsewhere=None),
    refused("detached-file", "detachedfile @d/file", object="/file", elsewhere=None),
    unnamed("detached-other", "detached @o file", object="/file"),
    refused("handle", "handle @d/file @o"),
    refused("unlinked", "--fork hold-path @d/file , unlink @d/file , rereadheld"),
    refused("replaced", "read @d/file", later=replace),
    unnamed("left-its-mount", "--fork hold-path @o/bound/in , rename @o/jail/in @o/out , readat file", object="@o/out/file",
            prepare=jail),
    unnamed("other-namespace", "--fork unshare-user , read @o/file", object="@o/file"),
    refused("other-namespace-secret", "--fork unshare-user , read @d/file", elsewhere=None),
    guarded("bind-mounting", "bindmount @d @o/dir", "@o/dir"),
    guarded("bind-mounting-user", "--fork unshare-user , bindmount @d @o/dir", "@o/dir"),
    guarded("mounting", "tmpfs @o/dir", "@o/dir"),
    guarded("mounting-anew", "fsmount @o/dir", "@o/dir"),
    guarded("moving-mount", "movemount @d @o/dir", "@o/dir"),
    guarded("remounting", "remount @o/dir", "@o/dir", prepare=tmpfs),
    guarded("unmounting", "umount @o/dir", "@o/dir", prepare=tmpfs),
    guarded("chroot", "--fork chroot @d", "@d", "chroot"),
    guarded("chroot-elsewhere", "--fork chroot @o", "@o", "chroot"),
    refused("deep", "deep @d 25 1", object="@d" + 25 * "/d" + "/key", prepare=deep(25, 1)),
    refused("deep-and-long", "deep @d 20 250", object="/" + 250 * "d" + "/*", prepare=deep(20, 250)),
    # Of a name that is too deep there is only the end. What it is, the walk still finds, up to a point.
    refused("too-deep", "deep @d 70 1", object=63 * "/d" + "/key", elsewhere=None, prepare=deep(70, 1)),
    unnamed("much-too-deep", "deep @d 300 1", object=63 * "/d" + "/key", prepare=deep(300, 1)),
    unnamed("too-deep-elsewhere", "deep @o 70 1", object=63 * "/d" + "/key",
            prepare=lambda place: deep(70, 1)(elsewhere(place))),
    *(refused(f"strange-{kind}", f"read @d/{encoded}", object=f"@d/{encoded}", prepare=named(name))
      for kind, (name, encoded) in STRANGE.items()),
    Step("prefix", "read @d/file", refused="", at="denyx"),
    Step("prefix-cut", "read @d/file", refused="", at="den"),
]



# Process 1 is not to be moved by what is mounted here.
PRIVATE = ("PrivateMounts=yes",)


def pivot_root(place):
    run("mount", "-t", "tmpfs", "tmpfs", f"{place.o}/dir")


# An overlay, as containers have for their root: what overlayfs does below, for what was permitted above, is not the unit's.
OVERLAY = '''
[file]
default = "deny" # file.default
[[file.rule]]
path = ["@root/ok/**/merged/**", "@root/ok/**/merged"]
access = "all"
action = "allow"
'''


def layered(name, tries, **options):
    return Step(f"overlay-{name}", tries.replace("@", "@o/merged/"), refused="", elsewhere=None, prepare=overlay, **options)


OVERLAY_STEPS = [
    layered("read", "read @file"),
    layered("list", "list @dir"),
    layered("copy-up", "write @file"),
    layered("create", "create @new"),
    layered("delete", "unlink @file"),
    layered("rename", "rename @file @new"),
    layered("link", "link @file @new"),
    layered("mkdir", "mkdir @new"),
    layered("mode", "chmod @file"),
    layered("owner", "chown @file"),
    layered("times", "utimes @file"),
    layered("xattr", "setxattr @file"),
    layered("truncate", "truncate @file"),
    layered("opened-truncate", "--fork hold @file , ftruncate"),
    unnamed("overlay-layer", "read @o/upper/file", object="@o/upper/file", prepare=lambda place: (overlay(place), lay(place))),
]


def lay(place):
    write(f"{place.o}/upper/file", "content\n")


GROUPS = [
    Group("names", SECRET, STEPS, service=("PrivateMounts=yes",)),
    Group("names-pivot", SECRET, [guarded("pivot", "pivot @o/dir", "@o/dir", prepare=tmpfs)],
          service=("PrivateMounts=yes", "MountFlags=private")),
    Group("names-received", SECRET, [refused("received", "receive @d/file", prepare=give)]),
    Group("names-overlay", OVERLAY, OVERLAY_STEPS),
]
