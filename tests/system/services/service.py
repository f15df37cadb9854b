# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial needs to know of a service, and of what somebody would do who took it over."""

import dataclasses
import fnmatch
import typing

from host import Journal, run, wait_until


@dataclasses.dataclass
class Attack:
    """Something that whoever took over the service, or its configuration, would try."""
    name: str
    came_through: typing.Callable[[], bool]  # tries it; leaves the service as it was
    class_: str                              # the section whose default refuses it
    object_: str                             # glob of what is refused


def must(condition, what):
    if not condition:
        raise AssertionError(what)


def systemctl(*words):
    """However busy the machine is with the other services."""
    run("systemctl", *words, timeout=600)


class Service:
    """The methods raise what is wrong. Other services are put through the same at the same time."""
    policy: str  # stem of its file
    unit: str    # what is restarted and reloaded
    governed: list = []  # globs of the units whose journals are looked at; by default `unit`

    def prepare(self):
        """Once, before all else: its configuration, its users. Starts it."""

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
        systemctl("restart", self.unit)

    def reload(self):
        systemctl("reload", self.unit)

    def stop(self):
        systemctl("stop", self.unit)

    def events(self, journal):
        """What who reads the units' journals sees of us."""
        globs = self.governed or [self.unit]
        return [event for unit, events in journal.events(*(f"--unit={glob}" for glob in globs)).items() for event in events
                if any(fnmatch.fnmatch(unit, glob) for glob in globs)]

    def attempt(self, act, happened, object_):
        """Does what takes effect by and by. Whether it did, as soon as that is known, or that it was refused."""
        journal = Journal()

        def refused():
            return any(fnmatch.fnmatch(event.get("ENFORCED_OBJECT", ""), object_) for event in self.events(journal))

        act()
        wait_until(lambda: happened() or refused(), 120, 0.3)
        return wait_until(happened, 1)

    def reaches(self, elsewhere, act):
        """Whether somebody comes there by what `act` does."""
        before = elsewhere.visits
        return self.attempt(act, lambda: elsewhere.visits > before, elsewhere.endpoint)
