# SPDX-License-Identifier: GPL-2.0-or-later
"""Class E: descriptors from elsewhere."""

import subprocess

from bypass.fixtures import PF1, PT
from bypass.operations import ERRORS, OPEN, PASSED, content
from bypass.row import ROOT, Row
from name_cases import give

HOLDERS = []


def holder(place):
    """A process of the same user that has the file open as its standard input; its number is in @o/process."""
    with open(f"{place.d}/file") as file:
        HOLDERS.append(subprocess.Popen(["sleep", "900"], stdin=file))
    with open(f"{place.o}/process", "w") as file:
        file.write(str(HOLDERS[-1].pid))


def opener(place):
    """Somebody who opens the file all the time."""
    HOLDERS.append(subprocess.Popen(["sh", "-c", f"for i in $(seq 900); do : <{place.d}/file; sleep 0.5; done 2>/dev/null"]))


ROWS = [
    Row("T48", 0, "E1", "passed by another process", [PF1.denied("received", "receive @d/file", prepare=give)]),
    Row("T50", 1, "E3", "there since the unit began", [
        PASSED.documented("append", "--fork use 2 , writeheld", OPEN, prepare=content),
        PASSED.denied("reopened", "--fork use 2 , rereadheld", "read", ERRORS),
    ]),
    Row("T107", 0, "E1", "told of what others open", [
        PF1.denied("descriptor", "watch @d/file", prepare=opener, by=(ROOT,)),
    ]),
    Row("T103", 0, "E2", "taken out of another process", [
        PF1.denied("taken", "takefd @o/process 0", prepare=holder, by=(ROOT,)),
        PT.denied("asked-for", "takefd @o/process 0", object="sleep", refused="EPERM", prepare=holder, by=(ROOT,)),
    ]),
]
