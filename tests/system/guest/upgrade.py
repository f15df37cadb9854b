# SPDX-License-Identifier: GPL-2.0-or-later
"""An upgrade: a daemon that comes with other programs puts them in the place of those in force, while units hammer the
forbidden file, and while it is killed on the way."""

import os
import shutil
import time

from host import OUT, PINS, PROBE, ROOT, Journal, Kernel, Units, excerpt, run, wait_until, write

HERE = f"{ROOT}/upgrade"
SECRET = f"{HERE}/secret/key"
BINARY = "/usr/sbin/enforced"
HAMMERS = [f"etu@{number}.service" for number in (1, 2)]
BLOWS = 200  # a line
STARTED = "etu-start.service"
KILLS = (1, 3)  # as soon as so many more links are new

POLICY = f'''
units = ["etu@*.service", "{STARTED}"]
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
'''


def other_build():
    """Ours, but for one letter of a file's name that the programs carry along for messages about them."""
    with open(BINARY, "rb") as file:
        ours = file.read()
    name = b"bpf/lib/scratch.h"
    if name not in ours:
        raise RuntimeError(f"{BINARY} does not hold {name}: this test has to find another harmless difference")
    return ours.replace(name, name.replace(b"s", b"S", 1)), ours


def install(build):
    """As a package does."""
    with open(f"{BINARY}.new", "wb") as file:
        file.write(build)
    os.chmod(f"{BINARY}.new", 0o755)
    os.rename(f"{BINARY}.new", BINARY)


def links():
    """What is pinned for each hook: a link that takes the place of another has an inode of its own."""
    return {name: os.stat(f"{PINS}/links/{name}").st_ino for name in os.listdir(f"{PINS}/links")}


def renewed(before):
    now = links()
    return sum(now.get(name) != inode for name, inode in before.items())


def counts(events):
    return sum(int(one["ENFORCED_COUNT"]) for one in events)


class Upgrade:
    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon
        self.starts = 0

    def run(self):
        self.furnish()
        self.daemon.policy("etu", POLICY)
        self.daemon.must_reload()
        journal, counted = Journal(), Kernel.refusals()
        theirs, ours = other_build()
        Units.start(*HAMMERS)
        try:
            self.report.check("upgrade/another build takes over, killed on the way and tried again", self.upgrade(theirs, KILLS))
            self.report.check("upgrade/the same build changes nothing", self.same_again())
        finally:
            install(ours)
        self.report.check("upgrade/and back again at once", self.upgrade(ours, ()))
        write(f"{HERE}/enough", "")
        wait_until(lambda: all(Units.show(unit, "ActiveState")["ActiveState"] == "inactive" for unit in HAMMERS), 60.0, 0.3)
        tried = self.expect_refused()
        self.expect_counts(journal, Kernel.refusals() - counted, tried)

    def furnish(self):
        shutil.rmtree(HERE, ignore_errors=True)
        shutil.rmtree(OUT, ignore_errors=True)
        os.makedirs(OUT)
        write(SECRET, "content\n")
        hammer = f"while ! [ -e {HERE}/enough ]; do {PROBE} -n {BLOWS} read {SECRET}; done"
        # Nice, or loading the programs takes three times as long.
        Units.write("etu@.service", ["/bin/sh", "-c", hammer], "Nice=10", type="simple")
        Units.write(STARTED, [PROBE, "read", SECRET], f"StandardOutput=append:{OUT}/%n")
        Units.reload()

    def start_one(self):
        Units.start(STARTED)
        self.starts += 1

    def upgrade(self, build, kills):
        faults, before = [], links()
        run("systemctl", "stop", "enforced")
        install(build)
        for wanted in kills:
            start = links()
            run("systemctl", "start", "--no-block", "enforced")
            wait_until(lambda: renewed(start) >= wanted, 300.0, 0.005)
            run("systemctl", "kill", "--signal=KILL", "enforced", check=False)
            self.report.say(f"killed when {renewed(start)} of {len(start)} links were new")
            if not 0 < renewed(start) < len(start):
                faults.append(f"killed only when {renewed(start)} of {len(start)} links were new")
            self.start_one()
        began = time.monotonic()
        self.daemon.must_start()
        self.report.say(f"taken over after {time.monotonic() - began:.1f} s")
        self.start_one()
        now = links()
        old = [name for name in now if now[name] == before[name] and not name.startswith("cgroup_")]
        if old or set(now) != set(before):
            faults.append(f"before: {before}\nafter: {now}\nold: {old}")
        status = self.daemon.status()
        if not status.startswith("1 policy in force"):
            faults.append(f"its status is: {status}")
        return faults

    def same_again(self):
        before = links()
        self.daemon.restart()
        return "" if links() == before else f"before: {before}\nafter: {links()}"

    def expect_refused(self):
        """Not one success; how often each unit tried."""
        faults, tried = [], {}
        for unit, count in [*((unit, BLOWS) for unit in HAMMERS), (STARTED, 1)]:
            lines = Units.output(unit)
            wrong = [" ".join(line) for line in lines if line[:3] != ("refused", "EACCES", str(count))]
            if wrong or not lines or (unit == STARTED and len(lines) != self.starts):
                faults += [f"{unit}: {len(lines)} lines", *wrong[:5]]
            tried[unit] = count * len(lines)
        self.report.check(f"upgrade/each of {sum(tried.values())} tries meanwhile was refused", faults)
        return tried

    def expect_counts(self, journal, counted, tried):
        total = sum(tried.values())
        self.report.check("upgrade/the kernel has counted each refusal",
                          "" if counted == total else f"{counted} counted, expected {total}")
        events = {}

        def complete():
            events.clear()
            events.update(journal.of_units())
            return sum(counts(some) for some in events.values()) >= total

        wait_until(complete, 20.0, 0.5)
        self.daemon.release()  # writes whatever was counted and not written
        complete()
        faults = []
        for unit, count in tried.items():
            found = events.pop(unit, [])
            if counts(found) != count:
                faults.append(f"{unit}: {counts(found)} in the journal, expected {count}\n{excerpt(found, 99)}")
        faults += [f"{unit}\n{excerpt(some)}" for unit, some in events.items()]
        self.report.check("upgrade/the journal accounts for each refusal", faults)
