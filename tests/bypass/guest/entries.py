# SPDX-License-Identifier: GPL-2.0-or-later
"""Class M: other entries into the kernel."""

from bypass.fixtures import PF1, PF3, PN1
from bypass.row import Row

NO_32_BIT = "the kernel runs no 32-bit programs"

ROWS = [
    Row("T84", 1, "M", "system calls of 32-bit programs", [
        PF1.denied("open", "open32 @d/file", lacks=NO_32_BIT),
        PF3.denied("ioctl", "chattr32 @d/file", "attr", lacks=NO_32_BIT),
        PN1.denied("socketcall", "connect32 tcp 127.0.0.77 7001", object="tcp:127.0.0.77:7001", lacks=NO_32_BIT),
    ]),
]
