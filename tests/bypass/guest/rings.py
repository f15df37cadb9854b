# SPDX-License-Identifier: GPL-2.0-or-later
"""Class D: io_uring."""

from bypass.fixtures import PC, PF1, PF3, PN2, PN3, PU
from bypass.operations import ERRORS, PASSED
from bypass.row import KERNEL, ROOT, Row
from capability_cases import theirs

RING = "an io_uring"

ROWS = [
    Row("T41", 0, "D1", "opened by a ring", [
        PF1.denied("open", "ring-open @d/file"),
        PF1.denied("by-a-worker", "ring-openworker @d/file"),
        PF1.denied("openat2", "ring-openat2 @d/file"),
        PF1.denied("polled", "ring-polled @d/file"),
        PF1.denied("into-its-table", "ring-direct @d/file"),
    ]),
    Row("T42", 0, "D1", "directories and attributes changed by a ring", [
        PF3.denied("unlink", "ring-unlink @d/file", "delete"),
        PF3.denied("rename", "ring-rename @d/file @d/new", "rename", absent="@d/new"),
        PF3.denied("link", "ring-link @d/file @d/new", "link", absent="@d/new"),
        PF3.denied("symlink", "ring-symlink /etc/passwd @d/new", "create", "@d/new", absent="@d/new"),
        PF3.denied("mkdir", "ring-mkdir @d/new", "create", "@d/new", absent="@d/new"),
        PF3.denied("setxattr", "ring-setxattr @d/file", "attr"),
        *([PASSED.denied("ftruncate", "--fork ring-ftruncate 2", object=ERRORS)] if KERNEL >= (6, 9) else []),
    ]),
    Row("T43", 0, "D1", "sockets by a ring", [
        PN2.denied("connect", "ring-connect tcp 127.0.0.1 7002", object="tcp:127.0.0.1:7002"),
        PN2.denied("sendmsg", "ring-sendmsg udp 127.0.0.1 7003", object="udp:127.0.0.1:7003"),
        PN2.denied("send-zc", "ring-sendzc udp 127.0.0.1 7004", object="udp:127.0.0.1:7004"),
        PN2.denied("socket", "ring-socket 16 3 0", "family", "netlink raw", rule="network.families"),
        *([PN3.denied("bind", "ring-bind tcp 0.0.0.0 7101", object="tcp:0.0.0.0:7101"),
           PN3.denied("listen", "ring-listen tcp", object="tcp:0.0.0.0:0")] if KERNEL >= (6, 11) else []),
    ]),
    Row("T45", 0, "D6", "a ring", [
        PU.denied("ring", "ring", object=RING, refused="EPERM"),
        *([PU.denied("in-own-memory", "ring-unmapped", object=RING, refused="EPERM")] if KERNEL >= (6, 6) else []),
    ]),
    Row("T47", 1, "D5", "credentials that a ring has kept", [
        PC.denied("personality", "--fork ring-personality @d/file", object="dac_override", rule="capability.deny[3]",
                  refused="EACCES", prepare=theirs, by=(ROOT,)),
    ]),
]
