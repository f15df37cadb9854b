# SPDX-License-Identifier: GPL-2.0-or-later
"""A row of the table of bypasses: an id, a class, and what is attempted, each attempt with the verdict that is expected.

denied      the right errno, nothing happened, and one event with the right rule
allowed     no false positive: it works, and nothing is reported
documented  it works, since it is not covered, and the manual says so in the words that are given
refused     the daemon refuses the policy, or says that it is not in force
"""

import os
from dataclasses import dataclass, field
from typing import Callable, Optional

from battery import Step

VERDICTS = ("denied", "allowed", "documented", "refused")
ROOT, USER = "root", "user"
BOTH = (ROOT, USER)
LONG = bool(os.environ.get("ENFORCED_TEST_LONG"))
KERNEL = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])


@dataclass(frozen=True)
class Fixture:
    """A policy, and the units that are held to it: one of root's, one of somebody else's."""
    name: str
    policy: str
    rule: str = ""        # key of the rule that most attempts meet
    operation: str = ""   # and the operation
    service: tuple = ()   # more lines of the units

    def denied(self, name, tries, operation="", object="@d/file", **options):
        return Attempt(name, tries, options.pop("rule", self.rule), operation or self.operation, object, fixture=self,
                       **{"elsewhere": None, **options})

    def allowed(self, name, tries, **options):
        return Attempt(name, tries, fixture=self, verdict="allowed", refused="", elsewhere=None, **options)

    def documented(self, name, tries, says, **options):
        return Attempt(name, tries, fixture=self, verdict="documented", says=says, refused="", elsewhere=None, **options)


@dataclass
class Attempt(Step):
    fixture: Optional[Fixture] = None
    verdict: str = "denied"
    says: str = ""            # what the manual says of it
    by: tuple = BOTH          # whose it is
    changes: bool = False     # what leads up to it changes files, which then cannot be compared
    since: tuple = ()         # the first kernel that has what is tried
    until: tuple = ()         # and the first that has it no more

    @property
    def known(self):
        """Whether this kernel has it."""
        return (not self.since or KERNEL >= self.since) and (not self.until or KERNEL < self.until)

    @property
    def compares(self):
        return self.verdict == "denied" and self.has_files and not self.changes


@dataclass
class Row:
    id: str
    priority: int
    kind: str                 # the class in the table
    title: str
    attempts: list = field(default_factory=list)
    trial: Optional[Callable] = None  # what does not fit an attempt: given the Stage, returns an Outcome

    def __post_init__(self):
        for attempt in self.attempts:
            attempt.name = f"{self.id}-{attempt.name}"

    @property
    def order(self):
        return int(self.id[1:])


class Outcome:
    """What a trial came to: what was wrong, and how many of each verdict it asked for."""

    def __init__(self, **counts):
        self.faults = []
        self.counts = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}

    def blame(self, fault):
        if fault:
            self.faults.append(fault)
        return self
