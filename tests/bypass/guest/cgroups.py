# SPDX-License-Identifier: GPL-2.0-or-later
"""Class H: which unit a process is of."""

import os

from bypass.borrowed import KINDS, MOVES, Kept, borrow
from bypass.fixtures import PF1, PN1, PS
from bypass.row import LONG, ROOT, Fixture, Outcome, Row
from host import Units, run, write
from kernel_cases import BUS, USERS, users
from starts import INSTANCES, Starts
from starts import POLICY as STARTS_POLICY

TARGET = "/sys/fs/cgroup/et-elsewhere"
PRIVATE = "/run/systemd/private"
LONG_STARTS = 1000
SPAWNED = "What PID 1 or another service does for a unit that asks it is not the unit's doing"

DELEGATED = Fixture("pf1-delegated", PF1.policy, PF1.rule, PF1.operation, ("Delegate=yes",))


def target(_):
    os.makedirs(TARGET, exist_ok=True)


def asking(place):
    write(f"{place.o}/script", f"systemd-run --quiet --wait cat {place.d}/file\n")


def second_mount(place):
    target(place)
    run("mount", "-t", "cgroup2", "cgroup2", f"{place.o}/dir")


def starts(stage):
    """Each start's first act is what is forbidden: while the daemon runs, has stopped, runs again, and was killed."""
    if LONG:
        tried = Starts(Kept(), stage.daemon, LONG_STARTS // INSTANCES)
        tried.run()
        tried.report.outcome.counts["denied"] = LONG_STARTS
        return tried.report.outcome
    outcome, tried = Outcome(denied=4 * INSTANCES), Starts(None, stage.daemon, 4)
    tried.furnish()
    stage.policy("ets", STARTS_POLICY)
    stage.daemon.must_reload()
    for change in (lambda: None, lambda: run("systemctl", "stop", "enforced"), stage.daemon.must_start,
                   lambda: run("systemctl", "kill", "--signal=KILL", "enforced")):
        change()
        tried.start_all()
    for unit in tried.units:
        words = [line[0] for line in Units.output(unit)]
        outcome.blame("" if words == ["refused"] * 4 else f"{unit}: {' '.join(words) or 'nothing'}")
    return outcome


ROWS = [
    Row("T71", 0, "H1", "in a cgroup below the unit's", [
        PF1.denied("below", "--fork descend 1 , read @d/file", by=(ROOT,)),
        PF1.denied("far-below", "--fork descend 5 , read @d/file", by=(ROOT,)),
        PN1.denied("connect", "--fork descend 5 , connect tcp 127.0.0.77 7001", object="tcp:127.0.0.77:7001", by=(ROOT,)),
        DELEGATED.denied("delegated", "--fork descend 5 , read @d/file"),
        DELEGATED.denied("threaded", "--thread thread-down , read @d/file", by=(ROOT,)),
    ]),
    Row("T72", 0, "H2", "moved by itself", [
        PF1.denied("moved", f"--fork move {TARGET} , read @d/file", prepare=target, by=(ROOT,)),
        PF1.denied("by-another-mount", "--fork move @o/dir/et-elsewhere , read @d/file", prepare=second_mount, by=(ROOT,)),
        PF1.denied("made-there", f"--into {TARGET} read @d/file", prepare=target, by=(ROOT,)),
        PN1.denied("connect", f"--fork move {TARGET} , connect tcp 127.0.0.77 7002", object="tcp:127.0.0.77:7002",
                   prepare=target, by=(ROOT,)),
    ]),
    Row("T74", 0, "H4", "moved by PID 1, and by others",
        trial=borrow(MOVES, "asks PID 1 for a scope", "is moved by somebody else", "is made elsewhere", "moves itself",
                     "is not released by its own hand")),
    Row("T75", 1, "H5", "asks others to do it", [
        PF1.documented("systemd-run", "shell @o/script", SPAWNED, prepare=asking, by=(ROOT,)),
        PS.denied("private", f"connectunix {PRIVATE}", object=PRIVATE, refused="EPERM", by=(ROOT,)),
        PS.denied("bus", f"connectunix {BUS}", object=BUS, refused="EPERM", by=(ROOT,)),
        PS.denied("users", f"connectunix {USERS}", object=USERS, refused="EPERM", prepare=users, by=(ROOT,)),
    ]),
    Row("T76", 0, "H6", "from the first instruction, whatever becomes of the daemon", trial=starts),
    Row("T77", 1, "H8", "every command of a unit, and what helps to start it",
        trial=borrow(KINDS, "every command", "Delegate= and ExecReload", "Delegate= and a cgroup far below", "socket-activated",
                     "after daemon-reexec")),
    Row("T105", 0, "H9", "a cgroup that another made, and called as the unit is called",
        trial=borrow(MOVES, "is below a user's manager", "comes from outside")),
    Row("T106", 1, "H8", "what PAM leaves behind in the unit", trial=borrow(MOVES, "is PAM's helper")),
]
