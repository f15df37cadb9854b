# SPDX-License-Identifier: GPL-2.0-or-later
"""Class L: what is told of refusals."""

import os

from bypass.engine import HERE, SECRET, expect, furnish, hammer, raced, run_all
from bypass.fixtures import PF1
from bypass.row import LONG, Outcome, Row
from host import Journal, Kernel, Units, excerpt

FLOOD = 200_000 if LONG else 5_000
UNIT = "etr-flood.service"

POLICY = f'''
[[file.rule]]
path = ["{HERE}/flood/**"]
access = ["create"]
action = "deny"
'''


def flood(stage):
    """Ever new names are refused as fast as it goes; then something else is, and is told of all the same."""
    furnish(stage)
    os.makedirs(f"{HERE}/flood")
    stage.policy("et-flood", f'units = ["{UNIT}"]{POLICY}')
    stage.daemon.must_reload()
    hammer("flood", ("flood", f"{HERE}/flood", str(FLOOD)), ("read", SECRET))
    Units.reload()
    journal, counted = Journal(), Kernel.refusals()
    run_all(UNIT)
    outcome = Outcome(denied=2)
    expect(outcome, UNIT, "refused", "refused")
    raced(stage, FLOOD + 1)
    counted = Kernel.refusals() - counted
    if counted != FLOOD + 1:
        outcome.blame(f"{counted} refusals counted, expected {FLOOD + 1}")
    events = journal.settled(UNIT, FLOOD + 1, 60.0)
    told = sum(int(one["ENFORCED_COUNT"]) for one in events)
    if told != FLOOD + 1:
        outcome.blame(f"{told} refusals in the journal, expected {FLOOD + 1}\n{excerpt(events)}")
    if not any(one.get("ENFORCED_OPERATION") == "read" and one.get("ENFORCED_RULE") == "file.rule[0]" for one in events):
        outcome.blame(f"the other refusal is not in the journal\n{excerpt(events)}")
    return outcome


ROWS = [
    Row("T95", 0, "L1", "one refusal behind a flood of others", trial=flood),
    Row("T97", 1, "L3", "under another name, by a thread, by a worker", [
        PF1.denied("comm", "--fork callme sshd , read @d/file"),
        PF1.denied("thread", "--thread read @d/file"),
        PF1.denied("worker", "ring-openworker @d/file"),
    ]),
]
