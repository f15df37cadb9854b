# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries the rows: attempts of all of them together, each fixture's in one unit of root's and one of somebody else's;
then the trials, one after the other."""

import os
import stat
import traceback
from dataclasses import dataclass

from battery import LEFT_OVER, Battery, Group, attempts, command
from bypass.row import BOTH, USER, VERDICTS
from host import Journal, Units, read

STRANGER = 65534
# Of what is not covered.
MANUAL = "/opt/enforced-test/bypass/policy.md"
AS_USER = ("User=nobody", "Group=nogroup")


@dataclass
class Unit(Group):
    """A fixture as one user is held to it."""
    mode: str = ""
    user: str = ""

    def texts(self):
        return {name: f"{self.mode}{text}" for name, text in super().texts().items()}


class Stage(Battery):
    def __init__(self, report, daemon, rows, audit=False):
        self.rows = rows
        self.mode = 'mode = "audit"\n' if audit else ""
        self.before = {}
        self.red = []
        self.totals = dict.fromkeys(VERDICTS, 0)
        self.lacking = 0  # attempts at what this machine does not have
        self.outcomes = {}
        self.manual = " ".join(read(MANUAL).split())
        super().__init__(report, daemon, list(self.units()))

    def units(self):
        """Those that have something to try. Steps are called as the row is."""
        everything = [attempt for row in self.rows for attempt in row.attempts]
        for fixture in dict.fromkeys(attempt.fixture for attempt in everything):
            for user in BOTH:
                steps = [one for one in everything if one.fixture == fixture and user in one.by and one.known]
                service = fixture.service + (AS_USER if user == USER else ())
                if steps:
                    yield Unit(f"{fixture.name}-{user}", fixture.policy, steps, service=service, mode=self.mode, user=user)

    def run(self):
        if self.groups:
            self.run_attempts()
        self.tell(row for row in self.rows if not row.trial)
        for row in self.rows:
            if row.trial:
                self.daemon.forget()
                self.daemon.must_start()
                self.run_trial(row)
                self.tell([row])
        self.daemon.forget()

    def run_attempts(self):
        for group in self.groups:
            Units.write(group.unit, command(group, "a", True), *group.service)
        Units.reload()
        self.round("without policy", [False])
        self.expect_allowed("without policy", "a", first=True)
        self.write_policies()
        journal = Journal()
        self.round("under the policies", [False])
        self.expect_refused()
        self.expect_unchanged()
        self.expect_entries(journal)
        self.clean()

    def run_trial(self, row):
        self.report.say(f"{row.id} {row.title}")
        try:
            self.outcomes[row.id] = row.trial(self)
        except Exception as error:  # pylint: disable=broad-except # one row's end is not the others'
            traceback.print_exc()
            self.outcomes[row.id] = f"{type(error).__name__}: {error}"

    def policy(self, name, text):
        """For trials: a policy in the mode of this run."""
        self.daemon.policy(name, self.mode + text)

    def ready(self, places):
        for group in self.groups:
            if group.user == USER:
                give_away(group.root)
        self.before = {place.d: snapshot(place) for step, place in places if step.compares}

    def expect_unchanged(self):
        """What was refused has not happened."""
        for group in self.groups:
            for step, _, place, _ in attempts(group, "a"):
                if not step.compares:
                    continue
                before, now = self.before[place.d], snapshot(place)
                changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
                if changed:
                    self.blame(group, step, f"refused, and yet these have changed: {' '.join(changed)}")

    def tell(self, rows):
        """A line for each row."""
        for row in sorted(rows, key=lambda one: one.order):
            faults, counts = self.judge(row)
            self.tell_lacking(row)
            shown = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
            if not shown and not faults:
                self.report.skip(f"{row.id} {row.title}", "nothing of it can be tried here")
            elif not self.report.check(f"{row.id} {row.title}: {shown}", faults):
                self.red.append(row)
            for verdict, count in counts.items():
                self.totals[verdict] += count

    def tell_lacking(self, row):
        """What of a row nobody could try, and why."""
        for attempt in row.attempts:
            if not attempt.known:
                self.lacking += len(attempt.by)
                span = f"since {version(attempt.since)}" if attempt.since else f"until {version(attempt.until)}"
                self.report.say(f"{attempt.name}: kernels have it {span}")
        for group in self.groups:
            for step in group.steps:
                if step.name.startswith(f"{row.id}-") and (group.name, step.name) in self.untried:
                    self.lacking += 1
                    self.report.say(f"{step.name} as {group.user}: {step.lacks}")

    def sum_up(self):
        """What is of no row, and the counts."""
        for group in self.groups:
            if self.faults.get((group.name, LEFT_OVER)):
                self.report.check(f"{group.name}: nothing else is in the journal", self.faults[group.name, LEFT_OVER])
        print(f"{len(self.rows)} rows: " + ", ".join(f"{count} {verdict}" for verdict, count in self.totals.items()) +
              f"; {self.lacking} cannot be tried on this kernel", flush=True)

    def judge(self, row):
        faults, counts = [], dict.fromkeys(VERDICTS, 0)
        for group in self.groups:
            for step in group.steps:
                if not step.name.startswith(f"{row.id}-"):
                    continue
                if (group.name, step.name) in self.untried:
                    continue
                counts[step.verdict] += 1
                faults += [f"{step.name} as {group.user}: {fault}" for fault in self.faults.get((group.name, step.name), [])]
                faults += self.misses(step.says)
        outcome = self.outcomes.get(row.id)
        if isinstance(outcome, str):
            faults.append(outcome)
        elif outcome:
            faults += outcome.faults
            for verdict, count in outcome.counts.items():
                counts[verdict] += count
        return faults, counts

    def misses(self, says):
        """What the manual ought to say, and does not."""
        return [] if " ".join(says.split()) in self.manual else [f"the manual does not say: {says}"]


def version(numbers):
    return ".".join(map(str, numbers))


def tree(top, deepest=4):
    """What is below a directory, and not mounted there, with its status: as deep as an attempt's files are."""
    if not os.path.exists(top):  # moved away
        return
    device = os.lstat(top).st_dev
    waiting = [(top, 0)]
    while waiting:
        path, depth = waiting.pop()
        status = os.lstat(path)
        if status.st_dev != device:
            continue
        yield path, status
        if stat.S_ISDIR(status.st_mode) and depth < deepest:
            waiting += [(f"{path}/{name}", depth + 1) for name in os.listdir(path)]


def give_away(top):
    """To the user who is nobody."""
    for path, _ in tree(top, deepest=6):
        os.lchown(path, STRANGER, STRANGER)


def snapshot(place):
    """All that a refused operation must leave as it is, by name."""
    found = {}
    for top in (place.d, place.o):
        for path, status in tree(top):
            what = [status.st_mode, status.st_uid, status.st_gid, status.st_nlink, status.st_size, status.st_mtime_ns]
            if stat.S_ISREG(status.st_mode):
                what.append(sorted(os.listxattr(path)))
            found[path] = what
    return found
