# SPDX-License-Identifier: GPL-2.0-or-later
"""Five-part tests of enforcement, many at a time.

A group is a policy and a unit that it governs, with a number of steps, things which the probe tries. Each step is one
test, of five parts: it works without the policy; it is refused with the very errno under it; its neighbours are not (the
same elsewhere, and the same by a unit that no policy names); the journal holds exactly one entry for it, with the right
rule, file, line, class and action; it works again when the policy is lifted. All groups go through these together, so
that there are three rounds of units to start, however many steps there are.

In texts, @d is the step's own directory, at the place that its rule is about; @o one of its own where nothing is
forbidden; @root the group's. """

import os
import shutil
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from host import OUT, POLICIES, PROBE, ROOT, Journal, Units, excerpt, run, wait_until, write


LEFT_OVER = "nothing else is in the journal"
NOT_MADE = ["otherwise", "ENOENT"]  # what a step needs that this machine could not make


@dataclass
class Step:
    name: str
    tries: str                 # the probe's words
    rule: str = ""             # key of the rule that refuses or reports it; "" if nothing does
    operation: str = ""        # as the journal has it
    object: str = "@d/file"  # likewise; what ends with * is a beginning
    at: str = "deny"           # the directory below @root in which @d is
    refused: str = "EACCES"    # or another errno, or "killed", or "" if it is permitted
    action: str = ""           # as the journal has it; "" is deny, or kill
    elsewhere: Optional[str] = ""  # the neighbour's words; "": the same below @root/ok; None: there is no neighbour
    absent: str = ""           # what must not be there after a refusal
    count: int = 1
    events: int = 0            # refusals that one try is; 0 is as many as tries
    lacks: str = ""            # why it may be that this machine cannot even try it
    prepare: Optional[Callable] = None  # called with the step's Place before the policy is loaded,
    later: Optional[Callable] = None    # and after it was

    @property
    def has_files(self):
        return bool(self.prepare or self.later or "@" in f"{self.tries} {self.elsewhere or ''}")


@dataclass
class Group:
    name: str
    policy: str
    steps: list
    places: tuple = ("ok", "deny")
    service: tuple = ()        # more lines of the units
    more: dict = field(default_factory=dict)  # other policies of the same unit, by name

    @property
    def unit(self):
        return f"et-{self.name}.service"

    @property
    def other(self):
        return f"et-{self.name}-other.service"

    @property
    def root(self):
        return f"{ROOT}/{self.name}"

    def texts(self):
        """Policies by file."""
        named = {f"et-{self.name}": self.policy, **self.more}
        return {name: f'units = ["{self.unit}"]\n' + text.replace("@root", self.root) for name, text in named.items()}

    def location(self, key):
        """Where the rule of that key stands: the line that ends with the key as a comment."""
        for name, text in self.texts().items():
            for number, line in enumerate(text.splitlines(), 1):
                if line.rpartition("#")[2].strip() == key:
                    return f"{POLICIES}/{name}.toml", number
        raise KeyError(f"{self.name}: no line of the policy is marked {key}")


class Place:
    """Where a step of one of the two units has its files."""

    def __init__(self, group, step, who, near=False):
        own = f"{step.name}-near" if near else step.name
        self.root = group.root
        self.d = f"{group.root}/{'ok' if near else step.at}/{who}/{own}"
        self.o = f"{group.root}/ok/{who}/{own}-o"

    def expand(self, text):
        return text.replace("@d", self.d).replace("@o", self.o).replace("@root", self.root)

    def furnish(self):
        for directory in (self.d, self.o):
            os.makedirs(directory)
            for name in ("dir", "empty"):
                os.mkdir(f"{directory}/{name}")
            for name in ("file", "other", "dir/inner"):
                with open(f"{directory}/{name}", "w") as file:
                    file.write("content\n")
            os.setxattr(f"{directory}/file", "user.here", b"1")


def attempts(group, who):
    """What a unit tries, in order: (step, neighbour or not, place, the probe's words)."""
    for step in group.steps:
        own = Place(group, step, who)
        yield step, False, own, own.expand(step.tries)
        if step.elsewhere is not None:
            near = Place(group, step, who, near=True)
            yield step, True, near, near.expand(step.elsewhere or step.tries)


def command(group, who, governed):
    words = []
    for step, neighbour, _, text in attempts(group, who):
        killed = governed and not neighbour and step.refused == "killed"
        options = ["-n", str(step.count)] if not neighbour else []
        if step.refused not in ("", "killed", "EACCES"):
            options += ["--errno", step.refused]
        words += ["+"] * bool(words) + options + ["--fork"] * killed + [decode(word) for word in text.split()]
    return [PROBE, *words]


def decode(word):
    """%20 and the like, for names that hold what separates words."""
    head, *rest = word.split("%")
    return head + "".join(os.fsdecode(bytes([int(part[:2], 16)])) + part[2:] for part in rest)


def matches(name, wanted):
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def take(left, key):
    """Those of the entries that speak of the same rule, operation and object; they are removed."""
    rule, operation, object_ = key
    found = [one for one in left if one.get("ENFORCED_RULE") == rule and one.get("ENFORCED_OPERATION") == operation
             and matches(one.get("ENFORCED_OBJECT", ""), object_)]
    for one in found:
        left.remove(one)
    return found


class Battery:
    def __init__(self, report, daemon, groups):
        self.report = report
        self.daemon = daemon
        self.groups = groups
        self.faults = {}
        self.untried = set()

    def run(self):
        for group in self.groups:
            Units.write(group.unit, command(group, "a", True), *group.service)
            Units.write(group.other, command(group, "b", False), *group.service)
        Units.reload()
        self.round("without policy", [False])
        self.expect_allowed("without policy", "a", first=True)

        self.write_policies()
        journal = Journal()
        self.round("under the policy", [False, True])
        self.expect_refused()
        self.expect_allowed("under the policy, by a unit that it does not name", "b")
        self.expect_entries(journal)

        self.daemon.forget()
        self.round("with the policy lifted", [False])
        self.expect_allowed("with the policy lifted", "a")
        self.clean()
        self.tell()

    def round(self, what, others):
        self.report.say(f"{len(self.groups)} groups, {what}")
        self.clean()
        os.makedirs(OUT, exist_ok=True)
        places = [(step, place) for group in self.groups for who in "ab"[:len(others)]
                  for step, _, place, _ in attempts(group, who)]
        for step, place in places:
            if step.has_files:
                place.furnish()
        for step, place in places:
            if step.prepare:
                step.prepare(place)
        began = time.monotonic()
        self.daemon.must_reload()
        loaded = time.monotonic()
        for step, place in places:
            if step.later:
                step.later(place)
        self.ready(places)
        Units.start(*(group.other if other else group.unit for group in self.groups for other in others))
        self.report.say(f"reload {loaded - began:.1f} s, units {time.monotonic() - loaded:.1f} s")

    def ready(self, places):
        """All is in place, and nothing has been tried yet."""

    def clean(self):
        """Mounts first: nothing that is mounted somewhere is to be deleted."""
        for line in reversed(open("/proc/self/mounts").read().splitlines()):
            if line.split()[1].startswith(ROOT):
                run("umount", "-l", line.split()[1], check=False)
        shutil.rmtree(ROOT, ignore_errors=True)
        os.makedirs(ROOT)

    def write_policies(self):
        for group in self.groups:
            for name, text in group.texts().items():
                self.daemon.policy(name, text)

    def blame(self, group, step, fault):
        self.faults.setdefault((group.name, step.name), []).append(fault)

    def results(self, group, who):
        lines = Units.output(group.unit if who == "a" else group.other)
        for number, (step, neighbour, place, _) in enumerate(attempts(group, who)):
            yield step, neighbour, place, lines[number] if number < len(lines) else ("missing", "", "", "")

    def expect_allowed(self, when, who, first=False):
        for group in self.groups:
            for step, neighbour, _, line in self.results(group, who):
                if first and step.lacks and (line[0] == "untried" or list(line[:2]) == NOT_MADE):
                    self.untried.add((group.name, step.name))
                elif line[0] != "allowed":
                    self.blame(group, step, f"{when}{', elsewhere' if neighbour else ''}: {' '.join(line)}")

    def expect_refused(self):
        for group in self.groups:
            for step, neighbour, place, line in self.results(group, "a"):
                if neighbour or not step.refused:
                    wanted = "allowed"
                else:
                    wanted = "killed" if step.refused == "killed" else "refused"
                if line[0] != wanted:
                    self.blame(group, step, f"under the policy{', elsewhere' if neighbour else ''}: {' '.join(line)}"
                                            f" (expected {wanted} {step.refused})")
                if step.absent and not neighbour and os.path.lexists(place.expand(step.absent)):
                    self.blame(group, step, f"refused, and yet there is {place.expand(step.absent)}")

    def expect_entries(self, journal):
        wanted = {group.unit: sum(step.events or step.count for step in group.steps if step.rule) for group in self.groups}
        events = {}

        def complete():
            events.clear()
            events.update(journal.events())
            return all(sum(int(one["ENFORCED_COUNT"]) for one in events.get(unit, [])) >= count
                       for unit, count in wanted.items())

        wait_until(complete, 8.0, 0.5)
        for group in self.groups:
            left = list(events.get(group.unit, []))
            for key, steps in self.wanted(group).items():
                self.expect_entry(group, key, steps, left)
            # What this machine does not have is refused all the same, if the rule is asked first.
            for key in self.wanted(group, untried=True):
                take(left, key)
            self.faults[group.name, LEFT_OVER] = [excerpt(left)] if left else []
            strangers = events.get(group.other, [])
            if strangers:
                self.faults[group.name, LEFT_OVER].append(excerpt(strangers))

    def wanted(self, group, untried=False):
        """The steps by what the journal has to say of them: steps that differ in nothing of that share an entry."""
        wanted = {}
        for step, neighbour, place, _ in attempts(group, "a"):
            if step.rule and not neighbour and ((group.name, step.name) in self.untried) == untried:
                wanted.setdefault((step.rule, step.operation, decode(place.expand(step.object))), []).append(step)
        return wanted

    def expect_entry(self, group, key, steps, left):
        """Takes the steps' entries out of `left`."""
        rule, operation, object_ = key
        found = take(left, key)
        faults = []
        expected = sum(step.events or step.count for step in steps)
        total = sum(int(one["ENFORCED_COUNT"]) for one in found)
        if not found:
            faults.append(f"no entry with {rule} {operation} {object_}\n{excerpt(left, 4)}")
        elif total != expected or (expected == 1 and len(found) != 1):
            faults.append(f"{len(found)} entries for {total} refusals, expected {expected}\n{excerpt(found, 4)}")
        file, line = group.location(rule)
        told = {"FILE": file, "LINE": str(line), "CLASS": rule.split(".")[0], "POLICY": os.path.basename(file)[:-5],
                "ACTION": steps[0].action or ("kill" if steps[0].refused == "killed" else "deny")}
        faults += [f"ENFORCED_{key}={one.get('ENFORCED_' + key)!r}, expected {value!r}"
                   for one in found for key, value in told.items() if one.get("ENFORCED_" + key) != value]
        for step in steps if faults else []:
            self.blame(group, step, "\n".join(faults))

    def tell(self):
        for group in self.groups:
            for step in group.steps:
                if (group.name, step.name) in self.untried:
                    self.report.skip(f"{group.name}/{step.name}", step.lacks)
                else:
                    self.report.check(f"{group.name}/{step.name}", self.faults.get((group.name, step.name), []))
            self.report.check(f"{group.name}/{LEFT_OVER}", self.faults.get((group.name, LEFT_OVER), []))
