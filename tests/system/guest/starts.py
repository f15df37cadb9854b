# SPDX-License-Identifier: GPL-2.0-or-later
"""From the first instruction, whatever becomes of the daemon: units whose first act is to open the forbidden file are
started again and again, while the daemon is restarted, reloaded and killed in turn."""

import os
import shutil
import threading

from host import OUT, PROBE, ROOT, Journal, Kernel, Units, excerpt, run, wait_until, write

HERE = f"{ROOT}/starts"
SECRET = f"{HERE}/secret/key"
INSTANCES = 10  # started together
ROUNDS = 30
LONG_ROUNDS = 300
ENOUGH = 3  # of each of what is done to the daemon meanwhile

POLICY = f'''
units = ["ets@*.service"]
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
'''

# Comes and goes meanwhile: every reload puts new tables under the units.
OTHER = f'''
units = ["ets-other.service"]
[[file.rule]]
path = ["{HERE}/elsewhere/**", "/srv/*/[a-m]*/**"]
access = "all"
action = "deny"
[network]
default = "deny"
'''


class Turmoil(threading.Thread):
    """Restarts, reloads and kills the daemon in turn until it is told to stop."""

    def __init__(self, daemon):
        super().__init__()
        self.done = {"restart": 0, "reload": 0, "kill": 0}
        self.faults = []
        self._daemon = daemon
        self._enough = threading.Event()

    def run(self):
        turns = [self._restart, self._reload, self._kill]
        while not self._enough.is_set():
            turn = turns[sum(self.done.values()) % len(turns)]
            try:
                turn()
            except Exception as error:  # pylint: disable=broad-except # told by whoever joins
                self.faults.append(f"{turn.__name__}: {error}")
                return
            self.done[turn.__name__[1:]] += 1

    def stop(self):
        self._enough.set()
        self.join()

    def _restart(self):
        self._daemon.restart()

    def _reload(self):
        if self.done["reload"] % 2:
            self._daemon.withdraw("ets-other")
        else:
            self._daemon.policy("ets-other", OTHER)
        self._daemon.must_reload()

    def _kill(self):
        before = self._daemon.pid()
        run("systemctl", "kill", "--signal=KILL", "enforced")
        if not wait_until(lambda: self._daemon.pid() not in ("0", before) and self._daemon.active(), 60.0, 0.2):
            raise RuntimeError(f"it did not come back\n{self._daemon.log()}")


class Starts:
    def __init__(self, report, daemon, rounds):
        self.report = report
        self.daemon = daemon
        self.rounds = rounds
        self.units = [f"ets@{number}.service" for number in range(INSTANCES)]
        self.neighbour = "ets-neighbour.service"

    def run(self):
        self.furnish()
        self.start_all()
        self.expect("works without a policy", self.units, "allowed", 1)
        self.daemon.policy("ets", POLICY)
        self.daemon.must_reload()
        journal, counted = Journal(), Kernel.refusals()
        turmoil = self.rage()
        told = ", ".join(f"{count} {what}s" for what, count in turmoil.done.items())
        self.report.check(f"starts/the daemon came back each time: {told}",
                          turmoil.faults or ("" if min(turmoil.done.values()) >= ENOUGH else "that is not enough to tell"))
        starts = self.rounds * INSTANCES
        self.expect(f"{starts} starts, and each is refused", self.units, "refused", self.rounds)
        self.expect("a neighbour is not touched", [self.neighbour], "allowed", self.rounds)
        self.expect_counts(journal, counted, starts)
        self.daemon.forget()
        self.daemon.must_start()
        self.daemon.must_reload()
        self.clean()
        self.start_all()
        self.expect("works when the policy is lifted", self.units, "allowed", 1)

    def furnish(self):
        shutil.rmtree(HERE, ignore_errors=True)
        write(SECRET, "content\n")
        self.clean()
        for name in ("ets@.service", self.neighbour):
            Units.write(name, [PROBE, "read", SECRET], f"StandardOutput=append:{OUT}/%n")
        Units.reload()

    def clean(self):
        os.makedirs(OUT, exist_ok=True)
        for name in os.listdir(OUT):
            os.unlink(f"{OUT}/{name}")

    def start_all(self):
        Units.start(*self.units, self.neighbour)

    def rage(self):
        """Starts them as often as it is said, and on, on a slow machine, until enough was done to the daemon."""
        self.clean()
        self.report.say(f"{self.rounds} rounds of {INSTANCES} starts")
        turmoil = Turmoil(self.daemon)
        turmoil.start()
        done, most = 0, 10 * self.rounds
        while done < self.rounds or (min(turmoil.done.values()) < ENOUGH and not turmoil.faults and done < most):
            self.start_all()
            done += 1
            if done % 50 == 0:
                self.report.say(f"{done} rounds; {turmoil.done}")
        self.rounds = done
        turmoil.stop()
        return turmoil

    def expect(self, name, units, word, times):
        """Each of the units has tried so often, and it was like that every time."""
        faults = []
        for unit in units:
            lines = Units.output(unit)
            wrong = [" ".join(line) for line in lines if line[0] != word]
            if word == "refused":
                wrong += [" ".join(line) for line in lines if line[1] != "EACCES" and line[0] == word]
            if wrong or len(lines) != times:
                faults += [f"{unit}: {len(lines)} lines, expected {times} times {word}", *wrong[:5]]
        self.report.check(f"starts/{name}", faults)

    def expect_counts(self, journal, before, starts):
        counted = Kernel.refusals() - before
        self.report.check("starts/the kernel has counted each refusal",
                          "" if counted == starts else f"{counted} counted, expected {starts}")
        events = {}

        def complete():
            events.clear()
            events.update(journal.of_units())
            return sum(int(one["ENFORCED_COUNT"]) for some in events.values() for one in some) >= starts

        # What a daemon had taken when it was killed is written by those after it, within two of their rounds.
        wait_until(complete, 15.0, 0.5)
        self.daemon.release()  # writes whatever was counted and not written
        complete()
        faults = []
        for unit in self.units:
            found = events.pop(unit, [])
            total = sum(int(one["ENFORCED_COUNT"]) for one in found)
            if total != self.rounds or any(one["ENFORCED_RULE"] != "file.rule[0]" for one in found):
                faults.append(f"{unit}: {total} refusals in the journal, expected {self.rounds}\n{excerpt(found)}")
        faults += [f"{unit}\n{excerpt(some)}" for unit, some in events.items()]
        lost = [one["MESSAGE"] for one in journal.daemon() if one.get("MESSAGE_ID") == "197479ea2cae47e39c0378b2e58b309d"]
        self.report.check("starts/the journal accounts for each refusal", faults + lost)
