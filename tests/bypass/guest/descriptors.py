# SPDX-License-Identifier: GPL-2.0-or-later
"""Class E: descriptors from elsewhere."""

import os
import subprocess

from bypass.fixtures import PF1, PT
from bypass.operations import ERRORS, OPEN, PASSED, content
from bypass.row import ROOT, Fixture, Row
from host import ROOT as TOP
from host import wait_until, write
from name_cases import give

HOLDERS = []

# Standard input is a file that the rule denies: PID 1 opened it, for the unit to read.
QUESTION = f"{TOP}/question"
INPUT = Fixture("pf1-input", f'''
[[file.rule]] # file.rule[0]
path = ["{QUESTION}"]
access = ["read", "write"]
action = "deny"
''', "file.rule[0]", "read", (f"StandardInput=file:{QUESTION}",))


def question(_):
    write(QUESTION, "content\n")


def holder(place):
    """A process of the same user that has the file open as its standard input; its number is in @o/process."""
    with open(f"{place.d}/file") as file:
        HOLDERS.append(subprocess.Popen(["sleep", "900"], stdin=file))
    with open(f"{place.o}/process", "w") as file:
        file.write(str(HOLDERS[-1].pid))


def opener(place):
    """Somebody who opens the file all the time."""
    HOLDERS.append(subprocess.Popen(["sh", "-c", f"for i in $(seq 900); do : <{place.d}/file; sleep 0.5; done 2>/dev/null"]))


# Everybody may speak to everybody.
BUS = """<busconfig><type>session</type><listen>unix:path={0}/bus</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
SENDER = """
import os, sys, time
import dbus.bus, dbus.lowlevel
while not os.path.exists(sys.argv[1] + "/ready"):
    time.sleep(0.5)
bus = dbus.bus.BusConnection(f"unix:path={sys.argv[1]}/bus")
call = dbus.lowlevel.MethodCallMessage("et.Receiver", "/", "et.Receiver", "Take")
with open(sys.argv[2] + "/file", "rb") as file:
    call.append(dbus.types.UnixFd(file), signature="h")
bus.send_message(call)
bus.flush()
"""


def bus(place):
    """A bus of our own, and one who sends the file over it as soon as somebody is there to receive it."""
    write(f"{place.o}/bus.conf", BUS.format(place.o))
    HOLDERS.append(subprocess.Popen(["dbus-daemon", "--nofork", f"--config-file={place.o}/bus.conf"]))
    wait_until(lambda: os.path.exists(f"{place.o}/bus"), 30.0)
    HOLDERS.append(subprocess.Popen(["/usr/bin/python3", "-c", SENDER, place.o, place.d]))


ROWS = [
    Row("T48", 0, "E1", "passed by another process", [
        PF1.denied("received", "receive @d/file", prepare=give),
        PF1.denied("over-a-bus", "receivebus @o/bus @o/ready", prepare=bus, changes=True),
    ]),
    Row("T50", 1, "E3", "there since the unit began", [
        PASSED.documented("append", "--fork use 2 , writeheld", OPEN, prepare=content),
        PASSED.denied("reopened-to-read", "--fork use 2 , rereadheld", "read", ERRORS),
        INPUT.documented("read", "--fork use 0 , readheld", OPEN, prepare=question),
        INPUT.denied("reopened", "--fork use 0 , rereadheld", object=QUESTION),
    ]),
    Row("T51", 2, "E4", "mapped from what is open", [INPUT.documented("mapped", "--fork use 0 , mapheld", OPEN)]),
    Row("T107", 0, "E1", "told of what others open", [
        PF1.denied("descriptor", "watch @d/file", prepare=opener, by=(ROOT,)),
    ]),
    Row("T103", 0, "E2", "taken out of another process", [
        PF1.denied("taken", "takefd @o/process 0", prepare=holder, by=(ROOT,)),
        PT.denied("asked-for", "takefd @o/process 0", object="sleep", refused="EPERM", prepare=holder, by=(ROOT,)),
    ]),
]
