# SPDX-License-Identifier: GPL-2.0-or-later
"""Class B: what is done to files besides opening them to read."""

from bypass.fixtures import PF1, PF3
from bypass.row import ROOT, Fixture, Row
from file_cases import acl
from host import ROOT as TOP
from host import run, write

OPEN = "A file that is open is not asked about again when it is read from, written to or mapped."

# Standard error is a file that the rule denies: PID 1 opened it, for the unit to append to.
ERRORS = f"{TOP}/errors"
PASSED = Fixture("pf1-held", f'''
[[file.rule]] # file.rule[0]
path = ["{ERRORS}"]
access = ["read", "write"]
action = "deny"
''', "file.rule[0]", "write", (f"StandardError=append:{ERRORS}",))


def content(_):
    write(ERRORS, "content\n", 0o666)


def bpffs(place):
    run("mount", "-t", "bpf", "bpf", f"{place.d}/dir")


def changed(name, tries, operation="attr", object="@d/file", **options):
    return PF3.denied(name, tries, operation, object, **options)


def made(name, tries, object="@d/new", **options):
    absent = "" if object.endswith("*") else object
    return PF3.denied(name, tries, "create", object, absent=absent, **options)


ROWS = [
    Row("T17", 0, "B1", "truncated by opening to read", [PF1.denied("open", "trunc @d/file", "write")]),
    Row("T18", 0, "B2", "truncated and punched", [
        PF1.denied("truncate", "truncate @d/file", "write"),
        PF1.denied("append", "append @d/file", "write"),
        PF1.denied("access-mode-3", "access3 @d/file", "write"),
        PASSED.denied("ftruncate", "--fork use 2 , ftruncate", object=ERRORS, prepare=content),
        PASSED.documented("write", "--fork use 2 , writeheld", OPEN),
        PASSED.documented("punch", "--fork use 2 , punch", OPEN),
    ]),
    Row("T19", 1, "B5", "attributes", [
        changed("chmod", "chmod @d/file"),
        changed("fchmod", "fchmod @d/file"),
        changed("chmod-of-reopened", "chmodfd @d/file"),
        changed("fchmodat2", "fchmodat2 @d/file", since=(6, 6)),
        changed("chown", "chown @d/file", by=(ROOT,)),
        changed("times", "utimes @d/file"),
        changed("times-of-descriptor", "futimes @d/file"),
        changed("setxattr", "setxattr @d/file"),
        changed("removexattr", "removexattr @d/file"),
        changed("set-acl", "setacl @d/file"),
        changed("remove-acl", "removeacl @d/file", prepare=acl),
        changed("chattr", "chattr @d/file"),
        changed("chattr-32", "chattr32 @d/file"),
        changed("file-setattr", "setfileattr @d/file", since=(6, 17)),
    ]),
    Row("T20", 0, "B3", "made without being opened", [
        made("fifo", "mknod @d/new"),
        made("device", "device @d/new", by=(ROOT,)),
        made("directory", "mkdir @d/new"),
        made("symlink", "symlink /etc/passwd @d/new"),
        made("socket", "bindunix @d/s", "@d/s"),
        made("pin", "pin @d/dir/pin", "@d/dir/pin", prepare=bpffs, by=(ROOT,)),
    ]),
    Row("T21", 0, "B3", "made without a name, and named later", [
        made("nameless", "tmpfile @d", "@d/#*"),
        made("named", "linktmp @o @d/new"),
        made("linked", "link @o/file @d/new"),
        made("renamed", "rename @o/file @d/new"),
    ]),
    Row("T22", 0, "B4", "a refused creation leaves nothing", [made("file", "create @d/new")]),
    Row("T101", 0, "B3", "removed", [
        PF3.denied("file", "unlink @d/file", "delete"),
        PF3.denied("directory", "rmdir @d/empty", "delete", "@d/empty"),
        PF3.denied("by-rename", "rename @o/file @d/other", "create", "@d/other"),
    ]),
]
