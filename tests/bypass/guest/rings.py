# SPDX-License-Identifier: GPL-2.0-or-later
"""Class D: io_uring."""

import subprocess
import sys

from bypass.fixtures import PC, PF1, PF3, PN1, PN2, PN3, PU
from bypass.network import SCTP
from bypass.operations import ERRORS, PASSED
from bypass.row import ROOT, Row
from capability_cases import theirs

RING = "an io_uring"
OTHERS = "What PID 1 or another service does for a unit that asks it is not the unit's doing"
HOLDERS = []

# Its thread in the kernel opens what the ring is asked to open, and finds the name in this process's memory.
HOLDER = """
import ctypes, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
name = ctypes.create_string_buffer(sys.argv[1].encode())
parameters = ctypes.create_string_buffer(struct.pack("IIIII", 0, 0, 2, 0, 1000), 120)
ring = libc.syscall(425, 1, parameters)
print(ring, ctypes.addressof(name), flush=True)
time.sleep(900)
"""


def holder(place):
    """Somebody else has a ring with a thread of its own; of which process it is, and where, is in @o/ring."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, f"{place.d}/file"], stdout=subprocess.PIPE, text=True)
    HOLDERS.append(process)
    with open(f"{place.o}/ring", "w") as file:
        file.write(f"{process.pid} {process.stdout.readline()}")

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
        PASSED.denied("ftruncate", "--fork ring-ftruncate 2", object=ERRORS, since=(6, 9)),
    ]),
    Row("T43", 0, "D1", "sockets by a ring", [
        PN2.denied("connect", "ring-connect tcp 127.0.0.1 7002", object="tcp:127.0.0.1:7002"),
        PN2.denied("sendmsg", "ring-sendmsg udp 127.0.0.1 7003", object="udp:127.0.0.1:7003"),
        PN2.denied("send-zc", "ring-sendzc udp 127.0.0.1 7004", object="udp:127.0.0.1:7004"),
        PN2.denied("socket", "ring-socket 16 3 0", "family", "netlink raw", rule="network.families"),
        PN3.denied("bind", "ring-bind tcp 0.0.0.0 7101", object="tcp:0.0.0.0:7101", since=(6, 11)),
        PN3.denied("listen", "ring-listen tcp", object="tcp:0.0.0.0:0", since=(6, 11)),
    ]),
    Row("T45", 0, "D6", "a ring", [
        PU.denied("ring", "ring", object=RING, refused="EPERM"),
        PU.denied("in-own-memory", "ring-unmapped", object=RING, refused="EPERM", since=(6, 6)),
    ]),
    Row("T46", 2, "D3", "a ring that is somebody else's", [
        PF1.documented("opened-by-its-thread", "ring-taken @o/ring", OTHERS, prepare=holder, by=(ROOT,)),
    ]),
    Row("T47", 1, "D5", "credentials that a ring has kept, and what it asks of sockets", [
        PC.denied("personality", "--fork ring-personality @d/file", object="dac_override", rule="capability.deny[3]",
                  refused="EACCES", prepare=theirs, by=(ROOT,)),
        PC.denied("bind-to-device", "ring-bindtodevice", object="net_raw", rule="capability.deny[1]", refused="EPERM",
                  since=(6, 7), by=(ROOT,)),
        PN1.denied("connect-by-an-option", "ring-connectx 127.0.0.77 7001", object="protocol-132:127.0.0.77:7001",
                   since=(6, 7), lacks=SCTP),
    ]),
]
