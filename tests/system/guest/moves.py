# SPDX-License-Identifier: GPL-2.0-or-later
"""A process keeps its policy wherever it goes, and is free of it only where the policy lets it go."""

import os
import subprocess

from host import OUT, PROBE, Units, run, wait_until, write
from kinds import FINE, HERE, SECRET, TRIES, Kind, Kinds

CGROUPS = "/sys/fs/cgroup"
TARGET = f"{CGROUPS}/system.slice/et-target.service"
KILLER = f"{HERE}/killer/key"

POLICY = f'''
units = ["etm-*.service"]
release-to = ["etm-free-*.scope"]
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
[[file.rule]]
path = ["{HERE}/killer/**"]
access = ["read"]
action = "kill"
[exec]
deny = ["{HERE}/root/probe"]
'''

MANAGER = ("busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
ASK = " ".join(MANAGER) + " StartTransientUnit 'ssa(sv)a(sa(sv))' {scope} fail 1 PIDs au 1 $$ 0 >/dev/null && " \
    "until grep -q {scope} /proc/self/cgroup; do sleep 0.1; done; exec " + f"{PROBE} {' '.join(TRIES)}"


def waiting(name):
    """Says that it is there and waits until it is told to go on."""
    return ["wait", f"{OUT}/{name}-here", f"{OUT}/{name}-go", "+", *TRIES]


def here(name):
    wait_until(lambda: os.path.exists(f"{OUT}/{name}-here"), 20.0)


def go(name):
    open(f"{OUT}/{name}-go", "w").close()


def main_pid(kind):
    return Units.show(kind.unit, "MainPID")["MainPID"]


def move(pid, cgroup):
    with open(f"{cgroup}/cgroup.procs", "w") as procs:
        procs.write(str(pid))


def go_on(kind):
    """What has been waiting since before the policy was loaded."""
    here(kind.unit)
    go(kind.unit)


def go_on_elsewhere(kind):
    """The same, but it was moved before it did anything."""
    here(kind.unit)
    move(main_pid(kind), TARGET)
    go(kind.unit)


def go_on_elsewhere_later(kind):
    """And the rules were loaded anew meanwhile, when it was in a unit that is governed as well."""
    here(kind.unit)
    move(main_pid(kind), f"{CGROUPS}/system.slice/etm-second.service")
    run("systemctl", "reload", "enforced")
    go(kind.unit)


def start_and_move(kind):
    Units.start(kind.unit)
    go_on_elsewhere(kind)


def from_outside(kind):
    """A process of ours goes into the unit."""
    Units.start(kind.unit)
    cgroup = CGROUPS + Units.show(kind.unit, "ControlGroup")["ControlGroup"]
    with open(f"{OUT}/{kind.unit}", "w") as out:
        subprocess.run([PROBE, *TRIES], stdout=out, check=False, preexec_fn=lambda: move(0, cgroup))


def into_free_scope(kind):
    """Into a unit that release-to names, but not by the hand of PID 1."""
    with subprocess.Popen(["systemd-run", "--quiet", "--scope", "--unit=etm-free-there.scope", "sleep", "60"]) as sleeper:
        wait_until(lambda: os.path.exists(f"{CGROUPS}/system.slice/etm-free-there.scope"))
        Units.start(kind.unit)
        wait_until(lambda: len(Units.output(kind.unit)) == len(kind.words))
        sleeper.kill()


def pam_helper(kind):
    """What PAM leaves behind in the unit is no way out of it: it does what whoever has taken it over wants."""
    Units.start(kind.unit)
    here(kind.unit)
    cgroup = CGROUPS + Units.show(kind.unit, "ControlGroup")["ControlGroup"]
    helpers = [pid for pid in open(f"{cgroup}/cgroup.procs").read().split()
               if open(f"/proc/{pid}/comm").read().startswith("(sd-pam)")]
    with open(f"{OUT}/{kind.unit}", "w") as out:
        for pid in helpers:
            out.write(run(PROBE, "puppet", pid, SECRET, "+", "puppet", pid, FINE, check=False).stdout)
    run("systemctl", "kill", "--signal=KILL", kind.unit, check=False)


def below_a_user(kind):
    """A directory that an ordinary user made and called as a governed unit is called."""
    if not os.path.exists("/home/et"):
        run("useradd", "--uid", "1234", "--create-home", "et")
    run("systemctl", "start", "user@1234.service")
    base = f"{CGROUPS}/user.slice/user-1234.slice/user@1234.service"
    as_user = ("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups")
    run(*as_user, "mkdir", "-p", f"{base}/etm-spoof.service")
    with open(f"{OUT}/{kind.unit}", "w") as out:
        subprocess.run([*as_user, PROBE, *TRIES], stdout=out, check=False,
                       preexec_fn=lambda: move(0, f"{base}/etm-spoof.service"))
    run("systemctl", "stop", "user@1234.service", check=False)


def result_is(unit, **wanted):
    def check(enforced):
        if not enforced:
            return ""
        shown = Units.show(unit, *wanted)
        return "" if shown == wanted else f"{unit} has {shown}, expected {wanted}"
    return check


MOVES = [
    Kind("moves itself", "etm-self.service", tries=["move", TARGET, "+", *TRIES], words=("allowed", "refused", "allowed")),
    Kind("is made elsewhere", "etm-into.service", tries=["--into", TARGET, *TRIES[:3], "--into", TARGET, *TRIES[3:]]),
    Kind("asks PID 1 for a scope", "etm-asks.service", script=ASK.format(scope="et-escape.scope")),
    Kind("is moved by somebody else", "etm-moved.service", type="simple", tries=waiting("etm-moved.service"),
         start=start_and_move, words=("allowed", "refused", "allowed")),
    Kind("is released by PID 1", "etm-released.service", script=ASK.format(scope="etm-free-here.scope"), refusals=0,
         words=("allowed", "allowed")),
    Kind("is not released by its own hand", "etm-unreleased.service", start=into_free_scope,
         tries=["move", f"{CGROUPS}/system.slice/etm-free-there.scope", "+", *TRIES], words=("allowed", "refused", "allowed")),
    Kind("runs since before", "etm-before.service", type="simple", early=True, tries=waiting("etm-before.service"),
         start=go_on, words=("allowed", "refused", "allowed")),
    Kind("runs since before and was moved", "etm-before-moved.service", type="simple", early=True,
         tries=waiting("etm-before-moved.service"), start=go_on_elsewhere, words=("allowed", "refused", "allowed")),
    Kind("runs since before, was moved, and the rules were loaded anew", "etm-reloaded.service", type="simple", early=True,
         tries=waiting("etm-reloaded.service"), start=go_on_elsewhere_later, words=("allowed", "refused", "allowed")),
    Kind("comes from outside", "etm-entered.service", type="simple", tries=["stay"], stays=True, start=from_outside),
    Kind("is PAM's helper", "etm-pam.service", ("PAMName=et", "User=nobody"), type="simple",
         tries=waiting("etm-pam.service"), start=pam_helper),
    Kind("is below a user's manager", "etm-spoof.service", start=below_a_user, refusals=0, words=("allowed", "allowed")),
    Kind("is killed", "etm-killed.service", type="simple", tries=["none", "+", "read", KILLER], words=("allowed",),
         free=("allowed", "allowed"), check=result_is("etm-killed.service", Result="signal", ExecMainStatus="9")),
    Kind("may not even begin", "etm-exec.service", type="simple", script="", words=(), free=("allowed",), operation="run",
         rules=("exec.deny[0]",), check=result_is("etm-exec.service", Result="exit-code", ExecMainStatus="203")),
]


class Moves(Kinds):
    def __init__(self, report, daemon):
        super().__init__(report, daemon, "moves", MOVES, {"et-moves": POLICY})

    def run(self, lift=True):
        os.makedirs(OUT, exist_ok=True)
        targets = ("et-target.service", "etm-second.service")
        for target in targets:
            Units.write(target, [PROBE, "stay"], type="simple")
        Units.reload()
        Units.start(*targets)
        super().run(lift)
        Units.stop(*targets)

    def furnish(self):
        super().furnish()
        write(KILLER, "")
        # Not one of those by which pam_systemd moves the service into a session.
        write("/etc/pam.d/et", "".join(f"{one} required pam_permit.so\n" for one in ("auth", "account", "session")))

    def write(self, kind):
        super().write(kind)
        if kind.name == "may not even begin":
            Units.write(kind.unit, [f"{HERE}/root/probe", "none"], type="simple", collect="inactive")
