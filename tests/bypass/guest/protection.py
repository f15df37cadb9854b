# SPDX-License-Identifier: GPL-2.0-or-later
"""Class K: the daemon itself, as the system tests' intruder tries it: root, with every capability, in a unit whose policy
speaks of none of it. It runs once, and each row tells of its own."""

from bypass.fixtures import PB
from bypass.row import ROOT, Outcome, Row
from bypass.stage import AS_USER
from host import OUT, Journal, Units, read, run, wait_until
from intruder import TRIES
from trespass import GOVERNED, HARMLESS, Trespass

COMMANDS = {"map-update-elem": 2, "obj-pin": 6, "obj-get": 7, "prog-detach": 9, "prog-get-fd-by-id": 13,
            "map-get-fd-by-id": 14, "link-get-fd-by-id": 30, "link-detach": 34}
OWNERS = ("owner", "owner-group", "owner-ex", "owner-ioctl")
FOUND = {}


class Checks:
    """In place of a report."""

    @staticmethod
    def check(name, faults):
        FOUND.setdefault(name, []).extend(fault for fault in ([faults] if isinstance(faults, str) else faults) if fault)

    def say(self, text):
        """The row says what it is about."""


class Intrusion(Trespass):
    """Under a policy in the mode of this run: where nothing would be refused, only what does no harm is tried."""

    def __init__(self, stage):
        super().__init__(Checks(), stage.daemon)
        self.mode = stage.mode

    def set_mode(self, mode):
        super().set_mode(mode or self.mode)

    def intrude(self, unit, *names):
        return super().intrude(unit, *(names or (HARMLESS if self.mode else ())))

    def refused(self):
        super().refused()
        self.refused_to_user()

    def refused_to_user(self):
        """Whom the kernel itself lets do no more than tell files where to send signals."""
        pid = self.daemon.pid()
        Units.write(GOVERNED, ["/usr/bin/python3", "/opt/enforced-test/intruder.py", pid, "0", "0", "0", *OWNERS], *AS_USER)
        Units.reload()
        journal = Journal()
        Units.start(GOVERNED)
        results = dict(line.split() for line in read(f"{OUT}/{GOVERNED}").splitlines())
        told = self.told(journal, GOVERNED, len(OWNERS)).get("daemon-signal", [])
        self.report.check("as a user", [f"{name}: {results.get(name)}" for name in OWNERS if results.get(name) != "EPERM"])
        self.expect_told("daemon-signal", told, len(OWNERS), "deny")

    def permitted(self):
        """Who kills the daemon from outside, ends no enforcement."""
        pid = self.daemon.pid()
        run("kill", "-KILL", pid)
        Units.start("et-self-witness.service")
        held = [line[0] for line in Units.output("et-self-witness.service")]
        self.report.check("killed", "" if held == ["refused"] else f"what was in force is not: {held}")
        wait_until(lambda: self.daemon.pid() not in ("0", pid) and self.daemon.active(), 60.0, 0.3)

    def audited(self):
        """That is what the system tests try."""


def intrusion(*operations, more=None):
    """A trial of some of the operations, each of which is refused and told of once."""
    def trial(stage):
        if not FOUND:
            Intrusion(stage).run()
        outcome = Outcome(denied=sum(len(TRIES[operation]) for operation in operations) + sum((more or {}).values()))
        for name, faults in FOUND.items():
            if name in (more or {}) or any(name.startswith(f"self/{operation}") for operation in operations):
                for fault in faults:
                    outcome.blame(f"{name}: {fault}")
        return outcome
    return trial


ROWS = [
    Row("T92", 0, "K1", "signals, limits and control groups of the daemon; and its end from outside",
        trial=intrusion("daemon-signal", "daemon-trace", "daemon-limit", "daemon-process", "daemon-cgroup",
                        more={"killed": 1, "as a user": len(OWNERS), "self/the daemon lives and enforces": 1})),
    Row("T93", 0, "K2", "the daemon's maps, programs and links", [
        PB.denied(name, f"bpf {number}", object=name, refused="EPERM", by=(ROOT,)) for name, number in COMMANDS.items()
    ], trial=intrusion("daemon-bpf")),
    Row("T94", 0, "K3", "the daemon's pins, files and directories, and mounts over them",
        trial=intrusion("daemon-change", "daemon-mount")),
    Row("T109", 1, "I6", "locks, leases and events that stop the daemon", trial=intrusion("daemon-lock")),
]
