# SPDX-License-Identifier: GPL-2.0-or-later
"""Class I: other processes."""

from bypass.fixtures import PT
from bypass.row import ROOT, Row
from kernel_cases import process

TRACED = "A process that asks to be traced itself lets others in, and is not refused."


def into(name, tries, **options):
    """A process of the user that nobody is; root may look into it as well."""
    return PT.denied(name, tries, object="sleep", prepare=process, **{"refused": "EPERM", **options})


ROWS = [
    Row("T79", 0, "I1", "taken over, and looked into", [
        into("seize", "--fork seize @d/file"),
        into("attach", "--fork attach @d/file"),
        into("read-memory", "--fork memoryof @d/file"),
        into("write-memory", "--fork writememoryof @d/file"),
        into("memory-file", "--fork memfile @d/file", refused="EACCES"),
        into("exe", "--fork exeof @d/file", refused="EACCES"),
        PT.allowed("own-child", "ownchild"),
        PT.documented("asks-to-be-traced", "traceme", TRACED, by=(ROOT,)),
    ]),
]
