# SPDX-License-Identifier: GPL-2.0-or-later
"""A walk over org.enforced1: all methods, in an order in which each of them works, with the action that it needs."""

import os
from dataclasses import dataclass
from typing import Callable, Optional

import dbus

from caller import MANAGER, PROPERTIES, ROOT, Call, Variant
from host import POLICIES
from target import POLICY, UNIT

LOG_CONTROL = "org.freedesktop.LogControl1"
READ, EVENTS, CHANGE, WEAKEN, PERMANENT = ACTIONS = (
    "read-state", "read-events", "change-runtime-policy", "weaken-enforcement", "make-permanent")

FRESH = 'units = ["et-fresh.service"]\n'
KEPT = {"timeout-usec": dbus.UInt64(600_000_000), "keep": True}


def set_mode(mode, options=None):
    return Call("SetMode", "ssa{sv}", POLICY, mode, options or {})


def load(name):
    return Call("LoadPolicy", "ssa{sv}", name, FRESH, {})


def forget_fresh():
    os.unlink(f"{POLICIES}/et-fresh.toml")


@dataclass
class Step:
    """A call that works, if those before it were made: whose it is, and whether the target is held afterwards."""
    action: Optional[str]  # None: only root's, to get to the next one
    call: Call
    held: Optional[bool] = None
    also: str = ""  # an error that shows that the gate was passed
    before: Optional[Callable] = None
    slow: bool = False  # what comes after it loads all programs anew

    def __str__(self):
        return f"{self.call.method} ({self.action})"


STEPS = [
    Step(READ, Call("Check", "ssa{sv}", "et-fresh", FRESH, {})),
    Step(CHANGE, load("et-fresh")),
    Step(WEAKEN, load("et-fresh")),
    Step(WEAKEN, Call("UnloadPolicy", "sa{sv}", "et-fresh", {})),
    Step(WEAKEN, set_mode("audit"), held=False),
    Step(CHANGE, set_mode("enforce"), held=True),
    Step(WEAKEN, set_mode("")),
    Step(None, set_mode("audit", KEPT)),
    Step(WEAKEN, Call("Revert", "sa{sv}", "", {}), held=True),
    Step(None, set_mode("audit", KEPT)),
    Step(WEAKEN, Call("Confirm", "sa{sv}", "", {}), held=False),
    Step(None, set_mode("")),
    Step(None, load("et-fresh")),
    Step(PERMANENT, Call("MakePermanent", "sa{sv}", "et-fresh", {})),
    Step(WEAKEN, Call("Release", "a{sv}", {}), held=False, slow=True),
    Step(CHANGE, Call("Reload", "a{sv}", {}), held=True, before=forget_fresh),
    Step(READ, Call("GetPolicyByName", "s", POLICY)),
    Step(READ, Call("GetUnitByName", "s", UNIT)),
    Step(READ, Call("TryFeatures", "a{sv}", {})),
    Step(READ, Call("DumpState", "a{sv}", {})),
    Step(EVENTS, Call("QueryEvents", "a{sv}a{sv}", {}, {})),
    Step(EVENTS, Call("Explain", "sa{sv}", "nothing", {}), also="cursor"),
    Step(EVENTS, Call("Subscribe", "a{sv}", {})),
    Step(CHANGE, Call("Set", "ssv", LOG_CONTROL, "LogLevel", Variant("info"), path="/org/freedesktop/LogControl1",
                      interface=PROPERTIES)),
    Step(READ, Call("GetAll", "s", MANAGER, interface=PROPERTIES)),
    Step(READ, Call("GetAll", "s", "org.enforced1.Policy", path=f"{ROOT}/policy/et_2dtarget", interface=PROPERTIES)),
    Step(READ, Call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")),
]

# What is asked about when et-fresh is loaded and a change to "audit" is on probation.
ASKED = [step for step in STEPS if step.action and not (step.call.method == "LoadPolicy" and step.action == CHANGE)]
ASKED.append(Step(CHANGE, load("et-unknown")))
