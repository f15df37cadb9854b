# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes on probation, with a real unit: each kind undoes itself when its time is up and when its maker dies, and goes
on after the death of the daemon. Whether the unit is held is tried before, meanwhile and after."""

import os
import time

import dbus

from caller import Call, Caller, Refused, call, get, there
from host import POLICIES, run, wait_until
from target import POLICY, TEXT, Target, files, shown

LONG = 600  # s: nobody waits for it
SHORT = [2, 8, 32, 128]  # s: the first that leaves time for a look meanwhile
UNDONE = 60  # s; nothing is measured, it only has to happen
RECORD = "/run/enforced/probation.json"


class Kind:
    """A change, whether the unit is held before and meanwhile, and what has to be done first."""

    def __init__(self, name, method, signature, *arguments, held=True, meanwhile=False, before=None):
        self.name, self.method, self.signature, self.arguments = name, method, signature, arguments
        self.held, self.meanwhile, self.before = held, meanwhile, before

    def make(self, seconds, keep):
        """By a process that stays."""
        options = {"timeout-usec": dbus.UInt64(seconds * 1_000_000), "keep": keep}
        return Caller(Call(self.method, self.signature + "a{sv}", *self.arguments, options))


def remove_file():
    os.unlink(f"{POLICIES}/{POLICY}.toml")


def remove_policy():
    remove_file()
    call("Reload", "a{sv}", {})


def load_policy():
    remove_policy()
    call("LoadPolicy", "ssa{sv}", POLICY, TEXT, {})


def release():
    call("Release", "a{sv}", {})


KINDS = [
    Kind("mode", "SetMode", "ss", POLICY, "audit"),
    Kind("unload", "UnloadPolicy", "s", POLICY, before=load_policy),
    Kind("load", "LoadPolicy", "ss", POLICY, TEXT, held=False, meanwhile=True, before=remove_policy),
    Kind("replace", "LoadPolicy", "ss", POLICY, 'units = ["et-other.service"]\n', before=load_policy),
    Kind("make-permanent", "MakePermanent", "s", POLICY, meanwhile=True, before=load_policy),
    Kind("reload", "Reload", "", before=remove_file),
    Kind("reload after release", "Reload", "", held=False, meanwhile=True, before=release),
    Kind("release", "Release", ""),
]


class Probation:
    def __init__(self, report, daemon):
        self.report, self.daemon = report, daemon
        self.target = Target(daemon)

    def run(self):
        self.target.install()
        ends = {"undoes itself when its time is up": self.expire, "undoes itself when its maker is killed": self.orphan,
                "goes on after the death of the daemon": self.survive, "is undone after its time": self.outlive}
        for number, kind in enumerate(KINDS):
            for place, (name, end) in enumerate(ends.items()):
                # The short form has each end, and each kind, at least once.
                if number == 0 or place == number % 3 or os.environ.get("ENFORCED_TEST_LONG"):
                    self.trial(f"{kind.name} {name}", kind, end)
        self.target.reset()
        self.target.remove()

    def trial(self, name, kind, end):
        """`end` makes the change and sees to its end; it returns what was wrong meanwhile."""
        self.prepare(kind)
        faults = [self.target.fault("before", kind.held)]
        before = files(), shown()
        try:
            faults += end(kind, before)
        except Refused as refusal:
            faults.append(str(refusal))
        if not wait_until(lambda: not get("Probation"), UNDONE, 0.2):
            faults.append("it does not undo itself")
        faults.append(self.target.fault("after", kind.held))
        after = files(), shown()
        if after != before:
            faults.append(f"{after} is left, and there was {before}")
        if os.path.exists(RECORD):
            faults.append("the record is left")
        self.report.check(f"probation/{name}", faults)

    def prepare(self, kind):
        self.target.reset()
        if kind.before:
            kind.before()

    def expire(self, kind, _before):
        for seconds in SHORT:
            caller = kind.make(seconds, keep=True)
            caller.answer()
            caller.kill()  # it is to be kept
            fault = self.target.fault("meanwhile", kind.meanwhile)
            if get("Probation"):
                return [fault]
            self.prepare(kind)
        return ["its time is up too soon"]

    def orphan(self, kind, before):
        caller = kind.make(LONG, keep=False)
        caller.answer()
        faults = [self.target.fault("meanwhile", kind.meanwhile)]
        if (files(), shown()) == before:
            faults.append("meanwhile: nothing shows the change")
        caller.kill()
        return faults

    def survive(self, kind, _before):
        caller = kind.make(LONG, keep=False)
        faults = [self.kill(caller.answer()), self.target.fault("after the death of the daemon", kind.meanwhile)]
        caller.kill()
        return faults

    def kill(self, probation):
        """The daemon, whose successor is to know the probation."""
        before = self.daemon.pid()
        run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "enforced")
        if not wait_until(lambda: self.daemon.pid() not in [before, "0"] and there(), 120, 0.2):
            return "the daemon does not come back"
        known = get("Probation").get("id")
        return "" if known == id_of(probation) else f"the next daemon knows of {known}, not of {probation}"

    def outlive(self, kind, _before):
        """No daemon is at work when its time is up."""
        caller = kind.make(SHORT[0], keep=True)
        caller.answer()
        run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "enforced")
        caller.kill()
        time.sleep(SHORT[0] + 1)
        faults = [] if os.path.exists(RECORD) else ["it was undone by nobody"]
        faults.append(self.target.fault("while there is no daemon", kind.meanwhile))
        before = self.daemon.pid()
        run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "enforced")
        if not wait_until(lambda: self.daemon.pid() not in [before, "0"] and there(), 120, 0.2):
            faults.append("the daemon does not come back")
        return faults


def id_of(answer):
    """What a change returns last names its probation."""
    return answer[-1] if isinstance(answer, list) else answer
