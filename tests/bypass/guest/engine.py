# SPDX-License-Identifier: GPL-2.0-or-later
"""Class J: the programs themselves, when many ask at once, and when there is no room."""

import json
import os
import shutil
import subprocess
import sys
import time

from bypass.row import LONG, Outcome, Row
from caller import get
from host import OUT, PROBE, ROOT, Kernel, Units, run, wait_until, write

HERE = f"{ROOT}/engine"
SECRET, FINE, LINK = f"{HERE}/secret/key", f"{HERE}/fine/key", f"{HERE}/fine/link"
# With the flood in events.py, the long form comes to more than a million.
TRIES = 50_000 if LONG else 1_000
RINGS = TRIES // 10              # each of which is made anew
RELOADED = max(TRIES, 12_000)    # long enough for a reload meanwhile
RACED = []           # how many attempts each trial made
PROCESSORS = (0, 1)

POLICY = f'''
units = ["etr-*.service"]
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
[network.connect]
deny = ["udp:127.0.0.77:9"]
'''

# What the machine does besides.
NOISE = "while :; do for i in 1 2 3 4 5 6 7 8; do /bin/true </dev/null; done; done"
RENAMES = "import os, sys\nwhile True:\n    os.rename(sys.argv[1], sys.argv[2])\n    os.rename(sys.argv[2], sys.argv[1])\n"
# The name is each of the two in turn, and never none.
FLIPS = """import os, sys
link, targets = sys.argv[1], sys.argv[2:]
while True:
    for target in targets:
        os.symlink(target, link + ".new")
        os.rename(link + ".new", link)
"""


class Load:
    """Keeps the machine busy for as long as it lasts."""

    def __init__(self, *more):
        self._commands = [["/bin/sh", "-c", NOISE], [sys.executable, "-c", RENAMES, f"{HERE}/one", f"{HERE}/other"], *more]

    def __enter__(self):
        self._others = [subprocess.Popen(command, start_new_session=True) for command in self._commands]

    def __exit__(self, *_):
        for other in self._others:
            os.killpg(other.pid, 9)
            other.wait()


def furnish(stage):
    shutil.rmtree(HERE, ignore_errors=True)
    os.makedirs(OUT, exist_ok=True)
    write(SECRET, "secret\n")
    write(FINE, "fine\n")
    write(f"{HERE}/one", "")
    os.symlink(FINE, LINK)
    stage.policy("et-race", POLICY)
    stage.daemon.must_reload()


def hammer(name, *steps, processor=None, realtime=False, more=()):
    """Writes a unit; what it tries is in `steps`, each the probe's words."""
    words = [word for step in steps for word in ("+", *step)][1:]
    lines = [f"CPUAffinity={processor}"] * (processor is not None)
    lines += ["CPUSchedulingPolicy=rr", "CPUSchedulingPriority=10"] * realtime
    Units.write(f"etr-{name}.service", [PROBE, *words], *lines, *more)
    return f"etr-{name}.service"


def run_all(*units):
    """Starts them together and waits until all have come to their end."""
    run("systemctl", "start", "--no-block", *units)
    wait_until(lambda: all(ended(unit) for unit in units), 1800.0, 0.5)


def ended(unit):
    return Units.output(unit) and Units.show(unit, "ActiveState")["ActiveState"] in ("inactive", "failed")


def raced(stage, attempts):
    RACED.append(attempts)
    stage.report.say(f"{attempts} attempts, {sum(RACED)} with those before")


def expect(outcome, unit, *words):
    """The lines of a unit that has ended."""
    lines = Units.output(unit)
    if [line[0] for line in lines] != list(words):
        outcome.blame(f"{unit}: expected {' '.join(words)}\n" + "\n".join(" ".join(line) for line in lines))


def missed():
    """Programs of ours that the kernel has left out since they were running already: none but the one whose part the
    daemon does later, and that not in silence."""
    programs = {one.get("name"): one["recursion_misses"] for one in json.loads(run("bpftool", "-j", "prog", "show").stdout)
                if one.get("recursion_misses") and one.get("type") in ("lsm", "tracing")}
    late = programs.pop("sched_process_exit", 0)
    faults = [f"{name} was left out {count} times" for name, count in programs.items()]
    if late and not wait_until(lambda: "programs-skipped" in get("Weaknesses"), 15.0, 0.5):
        faults.append(f"sched_process_exit was left out {late} times, which is not shown")
    return faults


def taking_turns(stage):
    """Two on each processor, one of which may not and one may, at a priority that takes it from whoever else computes."""
    furnish(stage)
    counted = Kernel.refusals()
    denied, allowed = [], []
    for processor in PROCESSORS:
        for realtime in (False, True):
            kind = f"{processor}-{'realtime' if realtime else 'ordinary'}"
            where = {"processor": processor, "realtime": realtime}
            denied.append(hammer(f"denied-{kind}", ("-n", str(TRIES), "read", SECRET), **where))
            allowed.append(hammer(f"allowed-{kind}", ("-n", str(TRIES), "read", FINE), **where))
    Units.reload()
    outcome = Outcome(denied=len(denied), allowed=len(allowed))
    with Load():
        run_all(*denied, *allowed)
    for unit in denied:
        expect(outcome, unit, "refused")
    for unit in allowed:
        expect(outcome, unit, "allowed")
    raced(stage, len(denied + allowed) * TRIES)
    counted = Kernel.refusals() - counted
    if counted != len(denied) * TRIES:
        outcome.blame(f"{counted} refusals counted, expected {len(denied) * TRIES}")
    for fault in missed():
        outcome.blame(fault)
    return outcome


def at_once(stage):
    """Many in the same hook, on both processors, while each of them is interrupted all the time: none is left out."""
    furnish(stage)
    units = [hammer(f"once-{number}", ("-n", str(TRIES), "read", SECRET), ("-n", str(RINGS), "ring-open", SECRET))
             for number in range(6)]
    Units.reload()
    outcome = Outcome(denied=2 * len(units))
    with Load():
        run_all(*units)
    for unit in units:
        expect(outcome, unit, "refused", "refused")
    raced(stage, len(units) * (TRIES + RINGS))
    for fault in missed():
        outcome.blame(fault)
    return outcome


def reloaded(stage):
    """While the rules come and go: those of this unit stay."""
    furnish(stage)
    stage.policy("et-other", POLICY.replace("etr-*", "et-nobody").replace(HERE, f"{HERE}/x"))
    unit = hammer("reload", ("-n", str(RELOADED), "read", SECRET), processor=1)
    network = hammer("reload-network", ("--errno", "EACCES", "-n", str(RELOADED), "sendto", "udp", "127.0.0.77", "9"))
    Units.reload()
    times = 1000 if LONG else 4
    outcome = Outcome(denied=2)
    with Load():
        run("systemctl", "start", "--no-block", unit, network)
        done = 0
        while done < times and not (ended(unit) and ended(network)):
            stage.policy("et-other", POLICY.replace("etr-*", "et-nobody").replace(HERE, f"{HERE}/{done}"))
            stage.daemon.must_reload()
            done += 1
        wait_until(lambda: ended(unit) and ended(network), 1800.0, 0.5)
    stage.report.say(f"{done} reloads")
    raced(stage, 2 * RELOADED)
    for one in (unit, network):
        expect(outcome, one, "refused")
    return outcome.blame("" if done else "there was no reload meanwhile")


def changing_names(stage):
    """What a name means changes between one look at it and the next: never is the secret read."""
    furnish(stage)
    unit = hammer("names", ("never", LINK, "secret", str(4 * TRIES)), processor=0)
    Units.reload()
    outcome = Outcome(denied=1)
    with Load([sys.executable, "-c", FLIPS, LINK, SECRET, FINE]):
        run_all(unit)
    expect(outcome, unit, "allowed")
    raced(stage, 4 * TRIES)
    return outcome


def crowded(stage):
    """Many tasks at once, with hardly any memory to keep their labels in."""
    furnish(stage)
    plenty = hammer("crowd", ("crowd", SECRET, "2000" if LONG else "200"), more=("TasksMax=infinity",))
    little = hammer("squeezed", ("crowd", SECRET, "2000" if LONG else "200"),
                    more=("TasksMax=infinity", "MemoryMax=6M", "MemorySwapMax=0", "OOMPolicy=continue"))
    Units.reload()
    outcome = Outcome(denied=2)
    Units.start(plenty, little)
    expect(outcome, plenty, "refused")
    # Here some may not come to be; but none gets through.
    if any(line[0] in ("allowed", "mixed") for line in Units.output(little)):
        outcome.blame(f"{little}: {Units.output(little)}")
    return outcome


def many_rules(stage):
    """More than there is room for is refused, or else it holds."""
    furnish(stage)
    rules = "".join(f'[[file.rule]]\npath = ["{HERE}/n{number}/**/x{number}*"]\naccess = ["read"]\naction = "deny"\n'
                    for number in range(2000 if LONG else 200))
    stage.policy("et-many", 'units = ["etr-*.service"]\n' + rules)
    began = time.monotonic()
    good, text = stage.daemon.reload()
    stage.report.say(f"many rules: {'in force' if good else 'refused'} after {time.monotonic() - began:.0f} s")
    unit = hammer("many", ("read", SECRET), ("read", f"{HERE}/fine/key"))
    Units.reload()
    Units.start(unit)
    outcome = Outcome(denied=1) if good else Outcome(denied=1, refused=1)
    expect(outcome, unit, "refused", "allowed")
    return outcome


def crowd(stage):
    outcome = crowded(stage)
    other = many_rules(stage)
    outcome.faults += other.faults
    for verdict, count in other.counts.items():
        outcome.counts[verdict] += count
    return outcome


ROWS = [
    Row("T86", 0, "J2", "many in the same hook at once", trial=at_once),
    Row("T87", 0, "J3", "two on one processor, one of which may not", trial=taking_turns),
    Row("T88", 0, "J4", "many tasks, many rules, little memory", trial=crowd),
    Row("T89", 0, "J10", "rules loaded anew meanwhile", trial=reloaded),
    Row("T104", 0, "M", "a name that changes between two looks at it", trial=changing_names),
]
