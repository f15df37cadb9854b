# SPDX-License-Identifier: GPL-2.0-or-later
"""One service's trial: free, under its policy, attacked, and free again."""

import dataclasses
import fnmatch
import json
import os
import shutil
import subprocess
import typing

from host import PINS, POLICIES, Journal, excerpt, read, run, wait_until, write

SHIPPED = os.path.join(os.path.dirname(__file__), "policies")


@dataclasses.dataclass
class Attack:
    """Something that whoever took over the service, or its configuration, would try."""
    name: str
    came_through: typing.Callable[[], bool]  # tries it; leaves the service as it was
    class_: str                              # the section whose default refuses it
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

    def stop(self):
        run("systemctl", "stop", self.unit)


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
    """The kernel's own count of refusals and reports, of all units together."""
    entries = json.loads(run("bpftool", "-j", "map", "dump", "pinned", f"{PINS}/maps/counters").stdout)
    return sum(int(entry["formatted"]["value"]) for entry in entries)


def attempt(act, happened, seconds=60):
    """Does what takes effect by and by; whether it did, as soon as that is known, or that something was refused."""
    before = refusals_counted()
    act()
    wait_until(lambda: happened() or refusals_counted() > before, seconds, 0.3)
    return wait_until(happened, 1)


class Trial:
    def __init__(self, report, daemon, service):
        self._report = report
        self._daemon = daemon
        self._service = service
        self._governed = service.governed or [service.unit]
        self._file = f"{POLICIES}/{service.policy}.toml"

    def run(self, mode="enforce"):
        try:
            self._service.prepare()
            self._service.restart()
            if self._check("serves without a policy", self._service.serve):
                self._under_its_policy(mode, [attack for attack in self._service.attacks() if self._comes_through(attack)])
        finally:
            self._daemon.forget()
            self._daemon.must_reload()
        self._works_when_lifted()
        self._service.stop()

    def _check(self, name, step):
        return self._report.check(f"{self._service.policy}: {name}", fault_of(step))

    def _comes_through(self, attack):
        return self._check(f"without a policy, {attack.name}", lambda: must(attack.came_through(), "it failed"))

    def _under_its_policy(self, mode, attacks):
        if self._works_under(mode):
            for attack in attacks:
                self._is_refused(attack)
            self._check("still serves after the attacks", self._service.serve)

    def _install(self, mode):
        text = read(f"{SHIPPED}/{self._service.policy}.toml")
        write(self._file, text if mode == "enforce" else f'mode = "{mode}"\n{text}')
        self._daemon.must_reload()

    def _events(self, journal):
        """What who reads the units' journals sees of us."""
        return [event for unit, events in journal.events(*(f"--unit={glob}" for glob in self._governed)).items()
                for event in events if any(fnmatch.fnmatch(unit, glob) for glob in self._governed)]

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
            counted = refusals_counted() - before
            if counted:
                wait_until(lambda: sum(int(event["ENFORCED_COUNT"]) for event in self._events(journal)) >= counted)
                raise AssertionError(f"{counted} refusals counted\n{excerpt(self._events(journal), 60)}")

        return self._check("was refused nothing", is_quiet) and good

    def _where(self, section):
        """The line of the section's default."""
        lines = read(self._file).splitlines()
        return lines.index('default = "deny"', lines.index(f"[{section}]")) + 1

    def _is_refused(self, attack):
        journal = Journal()
        wanted = {"ENFORCED_ACTION": "deny", "ENFORCED_CLASS": attack.class_, "ENFORCED_FILE": self._file,
                  "ENFORCED_LINE": str(self._where(attack.class_))}

        def is_expected(event):
            return all(event.get(field) == value for field, value in wanted.items()) and \
                fnmatch.fnmatch(event.get("ENFORCED_OBJECT", ""), attack.object_)

        def is_refused():
            must(not attack.came_through(), f"it came through\n{excerpt(self._events(journal))}")
            must(wait_until(lambda: any(map(is_expected, self._events(journal))), 30, 0.3),
                 f"no entry about {attack.object_} with {wanted}\n{excerpt(self._events(journal))}")

        self._check(f"under its policy it is refused that {attack.name}", is_refused)

    def _works_when_lifted(self):
        """What was refused comes through again, so that it was the policy that refused it."""
        self._check("serves when the policy is lifted", self._service.serve)
        for attack in self._service.attacks()[:1]:
            self._check(f"when the policy is lifted, {attack.name}", lambda: must(attack.came_through(), "it failed"))
