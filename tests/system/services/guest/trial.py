# SPDX-License-Identifier: GPL-2.0-or-later
"""One service's trial: free, under its policy, attacked, and free again."""

import dataclasses
import fnmatch
import json
import os
import shutil
import subprocess
import typing

from host import PINS, POLICIES, Journal, excerpt, read, run, wait_until

SHIPPED = os.path.join(os.path.dirname(__file__), "policies")


@dataclasses.dataclass
class Attack:
    """Something that whoever took over the service, or its configuration, would try."""
    name: str
    came_through: typing.Callable[[], bool]  # tries it; leaves the service as it was
    class_: str                              # of the rule that refuses it
    object_: str                             # glob of what is refused


class Service:
    """What a trial needs to know of a service. The methods raise what is wrong."""
    policy: str  # stem of its file
    unit: str    # what is restarted and reloaded
    governed: list = []  # globs of the units whose journals are looked at; by default `unit`

    def prepare(self):
        """Once, before all else: its configuration, its users."""

    def serve(self):
        """Real clients get what they came for."""
        raise NotImplementedError

    def work(self):
        """What it does besides, and takes longer: once under its policy is enough."""

    def rotate(self):
        """Its logs are moved away, and go on."""

    def attacks(self):
        raise NotImplementedError

    def restart(self):
        run("systemctl", "restart", self.unit)

    def reload(self):
        run("systemctl", "reload", self.unit)


def must(condition, what):
    if not condition:
        raise AssertionError(what)


def fault_of(step):
    """What went wrong in a step, as text; empty if nothing."""
    try:
        step()
    except (AssertionError, RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def refusals_counted():
    """The kernel's own count of refusals, of all units together."""
    pins = [path for path in (f"{PINS}/maps/counters", f"{PINS}/counters") if os.path.exists(path)]
    must(pins, f"no counters below {PINS}")
    entries = json.loads(run("bpftool", "-j", "map", "dump", "pinned", pins[0]).stdout)
    return sum(int(entry["formatted"]["value"]) for entry in entries)


class Trial:
    def __init__(self, report, daemon, service):
        self._report = report
        self._daemon = daemon
        self._service = service
        self._governed = service.governed or [service.unit]

    def run(self, mode="enforce"):
        self._service.prepare()
        self._service.restart()
        if self._check("serves without a policy", self._service.serve):
            attacks = [attack for attack in self._service.attacks() if self._comes_through(attack)]
            if self._works_under(mode):
                for attack in attacks:
                    self._is_refused(attack)
                self._check("still serves after the attacks", self._service.serve)
        self._lift()

    def _check(self, name, step):
        return self._report.check(f"{self._service.policy}: {name}", fault_of(step))

    def _comes_through(self, attack):
        return self._check(f"without a policy, {attack.name}", lambda: must(attack.came_through(), "it failed"))

    def _events(self, journal):
        return [event for unit, events in journal.events().items() for event in events
                if any(fnmatch.fnmatch(unit, glob) for glob in self._governed)]

    def _install(self, mode):
        shutil.copy(f"{SHIPPED}/{self._service.policy}.toml", POLICIES)
        if mode != "enforce":
            path = f"{POLICIES}/{self._service.policy}.toml"
            text = read(path)
            with open(path, "w") as file:
                file.write(f'mode = "{mode}"\n{text}')
        self._daemon.must_reload()

    def _works_under(self, mode):
        """Each step of its life, and not one refusal on the way."""
        service, journal, before = self._service, Journal(), refusals_counted()
        self._install(mode)
        steps = [("restarts under its policy", service.restart), ("serves", service.serve), ("works", service.work),
                 ("reloads", service.reload), ("serves after the reload", service.serve),
                 ("rotates its logs", service.rotate), ("restarts again", service.restart),
                 ("serves after the restart", service.serve)]
        good = all([self._check(name, step) for name, step in steps])

        def is_quiet():
            wait_until(lambda: False, 1.0)  # the daemon writes an entry when nothing equal follows
            events, counted = self._events(journal), refusals_counted() - before
            must(not events and not counted, f"{counted} refusals counted\n{excerpt(events, 60)}")

        return self._check("was refused nothing", is_quiet) and good

    def _is_refused(self, attack):
        journal = Journal()

        def expected(event):
            return (event.get("ENFORCED_ACTION"), event.get("ENFORCED_CLASS")) == ("deny", attack.class_) and \
                fnmatch.fnmatch(event.get("ENFORCED_OBJECT", ""), attack.object_) and "ENFORCED_LINE" in event

        def refused():
            must(not attack.came_through(), f"it came through\n{excerpt(self._events(journal))}")
            must(wait_until(lambda: any(map(expected, self._events(journal))), 8, 0.3),
                 f"no entry of class {attack.class_} about {attack.object_}\n{excerpt(self._events(journal))}")

        self._check(f"under its policy it is refused that {attack.name}", refused)

    def _lift(self):
        """What was refused comes through again, so that it was the policy that refused it."""
        self._daemon.forget()
        self._daemon.must_reload()
        self._check("serves when the policy is lifted", self._service.serve)
        for attack in self._service.attacks()[:1]:
            self._check(f"when the policy is lifted, {attack.name}", lambda: must(attack.came_through(), "it failed"))
