# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that the system tests have the units for: the kinds of units, and the moves. All that rows ask for of one of these
two is run once, and each row tells of its own."""

import kinds
import moves

from bypass.row import Outcome

KINDS, MOVES = "kinds", "moves"
WANTED = {KINDS: {}, MOVES: {}}  # by name
FOUND = {}


class Kept:
    """In place of a report: what is wrong, for a row to tell."""

    def __init__(self):
        self.outcome = Outcome()

    def check(self, name, faults):
        for fault in [faults] if isinstance(faults, str) else faults:
            self.outcome.blame(fault and f"{name}: {fault}")

    def say(self, text):
        """The row says what it is about."""


def run_all(suite, stage):
    kept = Kept()
    tried = kinds.Kinds(kept, stage.daemon) if suite == KINDS else moves.Moves(kept, stage.daemon)
    tried.kinds = list(WANTED[suite].values())
    tried.policies = {name: stage.mode + text for name, text in tried.policies.items()}
    tried.run(lift=False)
    FOUND[suite] = tried.faults


def borrow(suite, *names):
    """A trial of these of the suite's kinds."""
    known = {kind.name: kind for kind in (kinds.KINDS if suite == KINDS else moves.MOVES)}
    chosen = [known[name] for name in names]
    WANTED[suite].update({kind.name: kind for kind in chosen})

    def trial(stage):
        if suite not in FOUND:
            run_all(suite, stage)
        denied = sum(kind.refusals for kind in chosen)
        outcome = Outcome(denied=denied, allowed=sum(len(kind.words) for kind in chosen) - denied)
        for name in names:
            for fault in FOUND[suite][name]:
                outcome.blame(f"{name}: {fault}")
        return outcome
    return trial
