# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries the rows, as root, on a machine that may be thrown away: python3 -m bypass [--audit] [ID...]

With --audit every policy is in audit mode: then each row that expects a refusal has to fail, and that is what is
tested."""

import os
import sys

from bypass import (cgroups, connections, descriptors, disks, engine, entries, events, execution, hooks, intake, names,
                    network, operations, privileges, processes, protection, rings)
from bypass.stage import Stage
from host import Daemon, Kernel, run
from peers import Peers
from report import Report

FILES = (names, disks, operations, execution, rings, descriptors, privileges, network, connections, cgroups, processes,
         protection, engine, intake, hooks, events, entries)


def every_row():
    files = FILES if intake.HAS_LSM else (intake,)
    rows = {row.id: row for file in files for row in file.ROWS}
    assert len(rows) == sum(len(file.ROWS) for file in files), "an id is there twice"
    return rows


def main(words):
    audit = "--audit" in words
    wanted = [word for word in words if word != "--audit"]
    rows = every_row()
    unknown = [word for word in wanted if word not in rows]
    if unknown:
        sys.exit(f"unknown rows {' '.join(unknown)}; there are {', '.join(rows)}")
    for setting in ("net.ipv4.ping_group_range=0 2147483647", "kernel.perf_event_paranoid=2"):
        run("sysctl", "-qw", setting, check=False)
    report, daemon = Report(), Daemon()
    daemon.forget()
    daemon.must_start()
    peers = Peers()
    stage = Stage(report, daemon, [rows[word] for word in wanted or rows], audit)
    stage.run()
    del peers
    if audit:
        return judge_audit(stage)
    report.check("the kernel has nothing to complain about", Kernel.complaints())
    stage.sum_up()
    print(f"{sum(engine.RACED)} attempts in races", flush=True)
    return report.end()


def judge_audit(stage):
    """Whether the rows that expect refusals have failed, all of them."""
    report = Report()
    for row in stage.rows:
        if stage.judge(row)[1]["denied"]:
            report.check(f"{row.id} fails in audit mode", "" if row in stage.red else "it has passed")
    return report.end()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
