# SPDX-License-Identifier: GPL-2.0-or-later
"""Class C: programs."""

import os
import shutil

from bypass.fixtures import PF1, PW, PX1, PX2
from bypass.row import ROOT, Fixture, Row
from exec_cases import LOADER, program, script
from host import write

COPY = "A `deny` list knows a copy of a program under another name as little as any other program"
SCRIPT = "A script that is given to its interpreter as an argument is read, and not run"
CHECK = "who asks with `AT_EXECVE_CHECK` whether a file might be run is not answered by the policy"
UNWRITABLE = "the kernel lets nobody write into code by /proc"
MEMORY = "by `/proc/self/mem` a process can write into code that it runs, whatever `writable-memory` says"

TRUE = os.path.realpath("/bin/true")
LIBRARY = os.path.realpath("/lib/x86_64-linux-gnu/libm.so.6")

MEM = Fixture("pf-mem", '''
[[file.rule]] # file.rule[0]
path = ["/proc/*/mem"]
access = ["write"]
action = "deny"
''', "file.rule[0]", "write")


def library(place):
    shutil.copy(LIBRARY, f"{place.d}/library")


def text(place):
    write(f"{place.o}/script", "#!/bin/sh\n:\n")
    write(f"{place.d}/script", "#!/bin/sh\n:\n")


def runs(fixture, name, tries, operation="run", object="@d/program", **options):
    return fixture.denied(name, tries, operation, object, prepare=options.pop("prepare", program), **options)


ROWS = [
    Row("T27", 1, "C4", "opened, and unlinked then", [
        PF1.denied("reopened", "--fork hold-path @d/file , unlink @d/file , rereadheld", changes=True),
        runs(PX2, "run", "execdeleted @d/program", "anonymous", changes=True),
    ]),
    Row("T32", 0, "C4", "run from memory, and without a name", [
        runs(PX2, "memfd", "execmem @o/program", "anonymous", "/memfd:probe*"),
        runs(PX2, "nameless", "exectmp @o/program @o", "anonymous", "@o/#*"),
        PX2.denied("mapped", "twice", "anonymous", "/memfd:probe*"),
    ]),
    Row("T33", 0, "C1", "run by the dynamic loader", [runs(PX1, "loader", f"loader {LOADER} @d/program", "map")]),
    Row("T34", 0, "C2", "loaded beside a program", [
        PX2.denied("preload", f"preload {LOADER} @d/library {TRUE}", "map", "@d/library", prepare=library),
        runs(PX2, "map", "map @d/program", "map"),
    ]),
    Row("T35", 0, "C3", "made executable after it was mapped", [
        runs(PX2, "protect", "protect @d/program", "map"),
        runs(PX2, "implied", "implied @d/program", "map"),
        PX2.denied("shared-memory", "shared", "anonymous", "/SYSV*"),
    ]),
    Row("T36", 1, "C3", "code changed in memory", [
        PX2.documented("written", "--fork patchself", MEMORY, lacks=UNWRITABLE),
        MEM.denied("by-a-file-rule", "--fork patchself", object="/proc/*", lacks=UNWRITABLE),
    ]),
    Row("T37", 0, "C7", "a copy", [
        PX1.documented("denied-list", "execcopy @d/program @o/copy", COPY, prepare=program),
        runs(PX2, "allowed-list", "execcopy @d/program @d/copy", object="@d/copy", changes=True),
    ]),
    Row("T38", 1, "C5", "interpreters", [
        runs(PX1, "denied-interpreter", "exec @o/script", prepare=script),
        PX2.documented("script-read", "shell @d/script", SCRIPT, prepare=text),
        runs(PX2, "script-run", "exec @d/script", object="@d/script",
             prepare=lambda place: (text(place), os.chmod(f"{place.d}/script", 0o755))),
        PW.denied("binfmt", "write /proc/sys/fs/binfmt_misc/register", object="/proc/sys/fs/binfmt_misc/register",
                  refused="EPERM", by=(ROOT,), lacks="the kernel has no binfmt_misc"),
    ]),
    Row("T39", 2, "C5", "asked whether it might be run", [
        PX2.documented("check", "execcheck @d/program", CHECK, prepare=program, since=(6, 14)),
    ]),
    Row("T102", 0, "C4", "run by a descriptor that was opened for nothing", [
        runs(PX1, "denied-list", "execfd @d/program"),
        runs(PX2, "allowed-list", "execfd @d/program"),
    ]),
]
