# SPDX-License-Identifier: GPL-2.0-or-later
"""Classes K and J: what the daemon takes in, and what it says when it cannot enforce. What is bad is refused, and what was
in force stays so."""

import os

from bypass.borrowed import KINDS, borrow
from bypass.row import ROOT, Fixture, Outcome, Row
from host import OUT, POLICIES, PROBE, ROOT as TOP, Units, read, run, write

UNIT = "etb-held.service"
SECRET = f"{TOP}/intake/secret"
POLICY = f'''
units = ["{UNIT}"]
[[file.rule]]
path = ["{SECRET}"]
access = ["read"]
action = "deny"
'''
ELSEWHERE = POLICY.replace(UNIT, "etb-free.service")
BAD = f"{POLICIES}/etb-bad.toml"
HAS_LSM = "bpf" in read("/sys/kernel/security/lsm").split(",")

STATE = Fixture("pf1-state", '''
[[file.rule]] # file.rule[0]
path = ["/var/lib/private/et-state/**"]
access = ["create"]
action = "deny"
''', "file.rule[0]", "create", ("DynamicUser=yes", "StateDirectory=et-state"))


def good_set(stage):
    os.makedirs(OUT, exist_ok=True)
    write(SECRET, "content\n")
    Units.write(UNIT, [PROBE, "read", SECRET])
    Units.reload()
    stage.daemon.forget()
    stage.policy("etb", POLICY)
    stage.daemon.must_reload()


def held():
    Units.start(UNIT)
    lines = Units.output(UNIT)
    return "" if [line[0] for line in lines] == ["refused"] else f"the unit is not held: {lines}"


def linked():
    write("/srv/et/intake/elsewhere.toml", ELSEWHERE)
    os.symlink("/srv/et/intake/elsewhere.toml", BAD)


def piped():
    os.mkfifo(BAD)


def writable():
    write(BAD, ELSEWHERE, 0o666)


def of_others():
    write(BAD, ELSEWHERE)
    os.chown(BAD, 65534, 65534)


def huge():
    write(BAD, ELSEWHERE + "# " + (1 << 20) * "x" + "\n")


def twice():
    write(BAD, ELSEWHERE.replace('action = "deny"', 'action = "deny"\naction = "allow"'))


def deep():
    write(BAD, "units = " + 100_000 * "[" + "\n")


def bad_files(stage):
    """Each in place of a policy: the set is refused as a whole, and the daemon does not wait for anybody."""
    good_set(stage)
    makers = (linked, piped, writable, of_others, huge, twice, deep)
    outcome = Outcome(refused=len(makers), denied=len(makers))
    pid = stage.daemon.pid()
    for make in makers:
        make()
        good, text = stage.daemon.reload()
        outcome.blame(f"{make.__name__}: the reload succeeded" if good else "")
        outcome.blame("" if "etb-bad" in text + stage.daemon.log(12) else f"{make.__name__}: nobody says which file it is")
        fault = held()
        outcome.blame(fault and f"{make.__name__}: {fault}")
        os.unlink(BAD)
    stage.daemon.must_reload()
    return outcome.blame("" if stage.daemon.pid() == pid else "the daemon is another")


NAMES = ["../../etc/passwd", "", "a" * 5000 + ".service", "x\ny.service", "\x1b[31m.service", "no-such.service", "-.slice",
         "%n.service", "@.service"]


def bad_names(stage):
    """Names that are none, and callers who leave: an error each, and the daemon is the same afterwards."""
    good_set(stage)
    outcome = Outcome(refused=2 * len(NAMES))
    pid = stage.daemon.pid()
    call = ("busctl", "call", "org.enforced1", "/org/enforced1", "org.enforced1.Manager")
    for name in NAMES:
        for words in (("GetUnitByName", "s", name), ("UnloadPolicy", "sa{sv}", name, "0")):
            done = run(*call, "--", *words, check=False)
            outcome.blame("" if done.returncode else f"{words[0]} {name[:40]!r} succeeded: {done.stdout}")
    for _ in range(5):
        run("timeout", "-s", "KILL", "0.1", *call, "DumpState", "a{sv}", "0", check=False)
    done = run(*call, "GetPolicyByName", "s", "etb", check=False)
    outcome.blame("" if done.returncode == 0 else f"it does not answer: {done.stderr}")
    outcome.blame("" if stage.daemon.pid() == pid else "the daemon is another")
    return outcome.blame(held())


def no_lsm(stage):
    """A kernel that loads programs of BPF LSM and never asks them: nothing of a policy is in force that needs them."""
    outcome = Outcome(refused=1)
    stage.daemon.forget()
    stage.daemon.must_reload()
    stage.policy("etb", POLICY)
    good, _ = stage.daemon.reload()
    outcome.blame("the policy was loaded" if good else "")
    log = stage.daemon.log(12)
    return outcome.blame("" if "is not in force: it needs" in log else f"it does not say what is missing\n{log}")


ROWS = [
    Row("T99", 1, "K4", "policy files that are none", trial=bad_files),
    Row("T98", 0, "K5", "names and callers on D-Bus", trial=bad_names),
    Row("T100", 1, "A4", "directories that are links, in the unit or for it", [
        STATE.denied("state", "tmpfile /var/lib/et-state", object="/var/lib/private/et-state/#*", by=(ROOT,)),
    ], trial=borrow(KINDS, "a name in its own /tmp", "RootDirectory=", "BindPaths=", "DynamicUser=")),
] if HAS_LSM else [
    Row("T85", 0, "J1", "a kernel that does not ask", trial=no_lsm),
]
