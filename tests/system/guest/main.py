#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs suites of system tests, as root, on a machine that may be thrown away: main.py [SUITE...]"""

import os
import sys
import time

import breakage
import capability_cases
import exec_cases
import faults
import file_cases
import kernel_cases
import local_cases
import name_cases
import network_cases
import nolsm
import services
import weakness
from agreement import Agreement
from battery import Battery
from bus import Bus
from explain import Explain
from features import Kernels
from hooks import Hooks
from host import Daemon, Kernel, read, run
from kinds import Kinds
from moves import Moves
from peers import Peers
from probation import Probation
from report import Report
from starts import LONG_ROUNDS, ROUNDS, Starts
from storm import Storm
from trespass import Trespass
from upgrade import Upgrade
from users import Users
from verifier import Verifier

BATTERIES = {
    "file": file_cases.GROUPS,
    "exec": exec_cases.GROUPS,
    "network": network_cases.GROUPS,
    "unix": local_cases.GROUPS,
    "names": name_cases.GROUPS,
    "capability": capability_cases.GROUPS,
    "kernel": kernel_cases.GROUPS,
}


def battery(groups):
    def suite(report, daemon):
        daemon.forget()
        daemon.must_start()
        peers = Peers()
        Battery(report, daemon, groups).run()
        del peers
    return suite


def simple(*classes):
    def suite(report, daemon):
        for cls in classes:
            daemon.forget()
            daemon.must_start()
            cls(report, daemon).run()
    return suite


def starts(report, daemon):
    simple(lambda *ours: Starts(*ours, LONG_ROUNDS if LONG else ROUNDS))(report, daemon)


def agreement(report, daemon):
    simple(lambda *ours: Agreement(*ours, 200 if LONG else 60))(report, daemon)


def hooks(report, daemon):
    has_lsm = "bpf" in read("/sys/kernel/security/lsm").split(",")
    daemon.forget()
    daemon.must_start()
    peers = Peers()
    Hooks(report, daemon, [group for groups in BATTERIES.values() for group in groups] if has_lsm else nolsm.GROUPS).run()
    del peers


def without_lsm(report, daemon):
    battery(nolsm.GROUPS)(report, daemon)
    peers = Peers()
    simple(*nolsm.SUITES)(report, daemon)
    del peers


SUITES = {
    "agreement": agreement,
    "features": simple(Kernels),
    "verifier": simple(Verifier),
    "explain": simple(Explain),
    "kinds": simple(Kinds),
    "moves": simple(Moves),
    "starts": starts,
    "hooks": hooks,
    "storm": simple(Storm),
    "self": simple(Trespass),
    "users": simple(Users),
    "weakness": simple(*weakness.SUITES),
    "faults": simple(*faults.SUITES, *breakage.SUITES),
    "upgrade": simple(Upgrade),
    "nolsm": without_lsm,
    "probation": simple(Probation),
    "dbus": simple(Bus),  # last: it leaves the machine with another bus
    **services.SUITES,
}

# What runs when nothing is named. Services and upgrade have runs of their own, the latter since it needs an emulator
# that takes its time.
ON_THEIR_OWN = ("agreement", "features", "verifier", "explain", "kinds", "moves", "starts", "storm", "self", "faults")
ON_FIRST_KERNEL = ("users", "weakness", "probation", "dbus")  # D-Bus is the same on all of them
ONLY_LONG = ("hooks",)
ON_THEIR_OWN_WITHOUT_LSM = ("features", "nolsm")
LONG = bool(os.environ.get("ENFORCED_TEST_LONG"))


def main(wanted):
    report = Report()
    daemon = Daemon()
    known = [*BATTERIES, *SUITES]
    for name in wanted:
        if name not in known:
            sys.exit(f"unknown suite {name}; there are {', '.join(known)}")
    if not wanted:
        has_lsm = "bpf" in read("/sys/kernel/security/lsm").split(",")
        wanted = (*BATTERIES, *ON_THEIR_OWN) if has_lsm else ON_THEIR_OWN_WITHOUT_LSM
        if has_lsm and os.uname().release.startswith("6.1."):
            wanted += ON_FIRST_KERNEL
        if LONG:
            wanted += ONLY_LONG
    batteries = [name for name in BATTERIES if name in wanted]
    groups = [group for name in batteries for group in BATTERIES[name]]
    suites = [("+".join(batteries), battery(groups))] if batteries else []
    suites += [(name, suite) for name, suite in SUITES.items() if name in wanted]
    for setting in ("net.ipv4.ping_group_range=0 2147483647", "kernel.perf_event_paranoid=2"):
        run("sysctl", "-qw", setting, check=False)
    known_complaints = 0
    for name, suite in suites:
        began = time.monotonic()
        report.say(f"suite {name}")
        try:
            suite(report, daemon)
        except Exception as error:  # pylint: disable=broad-except # one suite's end is not the others'
            report.check(f"{name} comes to its end", f"{type(error).__name__}: {error}")
            import traceback
            traceback.print_exc(file=sys.stdout)
        complaints = Kernel.complaints()
        report.check(f"{name}: the kernel has nothing to complain about", complaints[known_complaints:])
        known_complaints = len(complaints)
        report.say(f"suite {name} took {time.monotonic() - began:.0f} s")
    return report.end()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
