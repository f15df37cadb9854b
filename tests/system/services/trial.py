# SPDX-License-Identifier: GPL-2.0-or-later
"""The services' trials, all at once: free, under their policies, attacked, and free again.

They go through each round together, so that both processors are at work, and so that each of them has neighbours under
other policies."""

import concurrent.futures
import fnmatch
import os

from host import POLICIES, Journal, Kernel, excerpt, read, wait_until, write

SHIPPED = os.path.join(os.path.dirname(__file__), "policies")


def fault_of(step):
    """What went wrong in a step, as text; empty if nothing."""
    try:
        step()
    except Exception as error:  # pylint: disable=broad-except # one step's end is not the others'
        return f"{type(error).__name__}: {error}"
    return ""


class Trial:
    """One service's. Each round returns its checks, as pairs of a name and what was wrong."""

    def __init__(self, service):
        self.service = service
        self._file = f"{POLICIES}/{service.policy}.toml"
        self._attacks = []
        self._fit = True  # for the rounds that follow

    def install(self, mode):
        text = read(f"{SHIPPED}/{self.service.policy}.toml")
        write(self._file, text if mode == "enforce" else f'mode = "{mode}"\n{text}')

    def free(self):
        checks = self._live([("starts without a policy", self.service.prepare), ("serves without a policy", self.service.serve)])
        if self._fit:
            self._attacks = self.service.attacks()
            checks += [self._comes_through("without a policy", attack) for attack in self._attacks]
        return checks

    def under_policy(self):
        service = self.service
        return self._live([
            ("restarts under its policy", service.restart), ("serves", service.serve), ("works", service.work),
            ("reloads", service.reload), ("serves after the reload", service.serve), ("rotates its logs", service.rotate),
            ("restarts again", service.restart), ("serves after the restart", service.serve)])

    def quiet(self, journal):
        """Of all that, nothing was refused or reported."""
        events = self.service.events(journal)
        return [("was refused nothing", excerpt(events, 60) if events else "")]

    def attacked(self):
        checks = [self._is_refused(attack) for attack in self._attacks]
        return checks + self._live([("still serves after the attacks", self.service.serve)])

    def lifted(self):
        """What was refused comes through again, so that it was the policy that refused it."""
        checks = self._live([("serves when the policy is lifted", self.service.serve)])
        checks += [self._comes_through("when the policy is lifted", attack) for attack in self._attacks]
        return checks + self._live([("stops", self.service.stop)])

    def _live(self, steps):
        """Without the later steps after one that fails."""
        checks = []
        for name, step in steps:
            if self._fit:
                checks.append((name, fault_of(step)))
                self._fit = not checks[-1][1]
        return checks

    @staticmethod
    def _comes_through(when, attack):
        def step():
            assert attack.came_through(), "it failed"
        return f"{when}, {attack.name}", fault_of(step)

    def _where(self, section):
        """The line of the section's default."""
        lines = read(self._file).splitlines()
        return lines.index('default = "deny"', lines.index(f"[{section}]")) + 1

    def _is_refused(self, attack):
        """And the unit's journal says so, and because of which line."""
        service, journal = self.service, Journal()
        wanted = {"ENFORCED_ACTION": "deny", "ENFORCED_CLASS": attack.class_, "ENFORCED_FILE": self._file,
                  "ENFORCED_LINE": str(self._where(attack.class_))}

        def is_expected(event):
            return all(event.get(field) == value for field, value in wanted.items()) and \
                fnmatch.fnmatch(event.get("ENFORCED_OBJECT", ""), attack.object_)

        def step():
            assert not attack.came_through(), f"it came through\n{excerpt(service.events(journal))}"
            assert wait_until(lambda: any(map(is_expected, service.events(journal))), 60, 0.3), \
                f"no entry about {attack.object_} with {wanted}\n{excerpt(service.events(journal))}"

        return f"under its policy it is refused that {attack.name}", fault_of(step)


class Trials:
    def __init__(self, report, daemon, services):
        self._report = report
        self._daemon = daemon
        self._trials = [Trial(service) for service in services]

    def run(self, mode="enforce"):
        self._round("free", Trial.free)
        try:
            journal, before = Journal(), Kernel.refusals()
            for trial in self._trials:
                trial.install(mode)
            self._daemon.must_reload()
            self._round("under their policies", Trial.under_policy)
            self._expect_quiet(journal, before)
            self._round("attacked", Trial.attacked)
        finally:
            self._daemon.forget()
            self._daemon.must_reload()
        self._round("free again", Trial.lifted)

    def _round(self, name, step):
        self._report.say(f"{len(self._trials)} services, {name}")
        with concurrent.futures.ThreadPoolExecutor(len(self._trials)) as pool:
            for trial, checks in zip(self._trials, pool.map(step, self._trials)):
                for check, fault in checks:
                    self._report.check(f"{trial.service.policy}: {check}", fault)

    def _expect_quiet(self, journal, before):
        """By the kernel's count, so that it need not be waited for what the journal does not have."""
        counted, seen = Kernel.refusals() - before, []

        def told():
            seen[:] = [event for events in journal.of_units().values() for event in events]
            return sum(int(event["ENFORCED_COUNT"]) for event in seen) >= counted

        wait_until(told, 30, 0.5)
        self._round("what they were refused", lambda trial: trial.quiet(journal))
        self._report.check("of all units, nothing was refused",
                           f"{counted} counted\n{excerpt(seen)}" if counted or seen else "")
