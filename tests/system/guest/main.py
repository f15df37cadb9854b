#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs suites of system tests, as root, on a machine that may be thrown away: main.py [SUITE...]"""

import os
import sys
import time

import exec_cases
import file_cases
import name_cases
import network_cases
import services
from battery import Battery
from host import Daemon, run
from kinds import Kinds
from moves import Moves
from peers import Peers
from report import Report

BATTERIES = {
    "file": file_cases.GROUPS,
    "exec": exec_cases.GROUPS,
    "network": network_cases.GROUPS,
    "names": name_cases.GROUPS,
}


def battery(names):
    def suite(report, daemon):
        daemon.forget()
        daemon.must_start()
        peers = Peers()
        Battery(report, daemon, [group for name in names for group in BATTERIES[name]]).run()
        del peers
    return suite


def simple(cls):
    def suite(report, daemon):
        daemon.forget()
        daemon.must_start()
        cls(report, daemon).run()
    return suite


SUITES = {
    "kinds": simple(Kinds),
    "moves": simple(Moves),
    **services.SUITES,
}

# What runs when nothing is named. The services have a run of their own.
ON_THEIR_OWN = ("kinds", "moves")


def main(wanted):
    report = Report()
    daemon = Daemon()
    known = [*BATTERIES, *SUITES]
    for name in wanted:
        if name not in known:
            sys.exit(f"unknown suite {name}; there are {', '.join(known)}")
    batteries = [name for name in BATTERIES if not wanted or name in wanted]
    suites = [("+".join(batteries), battery(batteries))] if batteries else []
    suites += [(name, suite) for name, suite in SUITES.items() if name in (wanted or ON_THEIR_OWN)]
    run("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647", check=False)
    for name, suite in suites:
        began = time.monotonic()
        report.say(f"suite {name}")
        try:
            suite(report, daemon)
        except Exception as error:  # pylint: disable=broad-except # one suite's end is not the others'
            report.check(f"{name} comes to its end", f"{type(error).__name__}: {error}")
            import traceback
            traceback.print_exc(file=sys.stdout)
        report.say(f"suite {name} took {time.monotonic() - began:.0f} s")
    return report.end()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
