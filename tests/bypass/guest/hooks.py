# SPDX-License-Identifier: GPL-2.0-or-later
"""Class J: hooks at which there is no room left for a program of ours."""

import errno
import os

from bpfcall import attach_idle, hook_of, program_of
from bypass.intake import good_set, held
from bypass.row import Outcome, Row
from host import PINS

MOST = 38  # BPF_MAX_TRAMP_LINKS; the manager may have one of them


class Crowd:
    """As many programs as there is room for at one hook, of somebody who was there first."""

    def __init__(self, hook):
        self.descriptors = []
        try:
            for _ in range(MOST + 1):
                self.descriptors += attach_idle(hook)
        except OSError as error:
            if error.errno != errno.E2BIG:
                raise

    def __len__(self):
        return len(self.descriptors) // 2

    def disperse(self):
        for one in reversed(self.descriptors):
            os.close(one)


def full(stage):
    """Nothing of a policy is in force that needs the hook, and the daemon says so. Later it is."""
    good_set(stage)
    outcome = Outcome(refused=1, denied=2)
    outcome.blame(held())
    hook = hook_of(program_of(f"{PINS}/links/file_open"))
    stage.daemon.release()
    crowd = Crowd(hook)
    try:
        stage.report.say(f"{len(crowd)} programs of others at file_open")
        good, text = stage.daemon.start()
        said = text + stage.daemon.log(40) + stage.daemon.status()
        outcome.blame("" if good else f"it does not start: {said}")
        outcome.blame("the policy is in force, it says" if "1 policy in force" in stage.daemon.status() else "")
        outcome.blame("" if "not loaded: attach the program of file_open" in said else f"it does not say what is missing: {said}")
        outcome.blame("the unit is held" if not held() else "")
    finally:
        crowd.disperse()
    stage.daemon.must_reload()
    return outcome.blame(held())


ROWS = [Row("T91", 1, "J12", "a hook at which there is no room left", trial=full)]
