# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of units: the same policy holds each of them, from whichever of its commands, and the manager's own work for
it is neither refused nor reported."""

import os
import shutil
import socket
from dataclasses import dataclass
from typing import Callable, Optional

from host import OUT, PROBE, ROOT, UNITS, Journal, Units, excerpt, run, wait_until, write

HERE = f"{ROOT}/kinds"
SECRET = f"{HERE}/secret/key"
FINE = f"{HERE}/ok/key"
TRIES = ["read", SECRET, "+", "read", FINE]

# Everything by default denied: what of the manager's work were taken for the unit's would keep the unit from starting.
STRICT = f'''
units = ["etk-*.service", "etk-*.scope", "etk.slice"]
[file]
default = "deny"
[[file.rule]]
path = ["{HERE}/ok/**"]
access = "all"
action = "allow"
[[file.rule]]
path = ["{HERE}/secret/**"]
access = ["read"]
action = "deny"
[exec]
default = "deny"
allow = ["{PROBE}", "/probe"]
writable-memory = "deny"
[network]
default = "deny"
families = ["unix"]
[capability]
default = "deny"
[kernel]
mount = "deny"
ptrace = "deny"
signal = "deny"
modules = "deny"
bpf = "deny"
user-namespace = "deny"
io-uring = "deny"
perf = "deny"
keyring = "deny"
tunables = "deny"
systemd = "deny"
'''

# For units whose commands are shell scripts.
LOOSE = f'''
units = ["etl-*.service"]
[[file.rule]]
path = ["{HERE}/secret/**", "/tmp/et-secret"]
access = ["read"]
action = "deny"
'''


@dataclass
class Kind:
    name: str
    unit: str
    lines: tuple = ()             # of its section, besides the command
    type: str = "oneshot"
    tries: Optional[list] = None  # the probe's words; TRIES
    script: str = ""              # or a line for the shell
    start: Optional[Callable] = None  # instead of systemctl start
    stays: bool = False           # and has to be stopped
    governed: str = ""            # the unit as the journal has it, if that is another
    refusals: int = 1
    words: tuple = ("refused", "allowed")  # of its lines
    early: bool = False           # started before the policy is loaded
    free: tuple = ()              # words without policy, where they are not all "allowed"
    operation: str = "read"       # in the journal
    rules: tuple = ("file.rule[0]", "file.rule[1]")
    check: Optional[Callable] = None  # given whether the policy is in force, returns what is wrong besides


def with_root():
    """A root directory that holds the same names."""
    for path in (SECRET, FINE):
        write(f"{HERE}/root{path}", "content\n")
    shutil.copy(PROBE, f"{HERE}/root/probe")
    for name in ("dev", "proc", "sys", "run", "tmp", "etc", "var"):
        os.makedirs(f"{HERE}/root/{name}", exist_ok=True)


def start_transient(kind):
    run("systemd-run", "--quiet", "--wait", f"--unit={kind.unit}", f"-pStandardOutput=truncate:{OUT}/{kind.unit}", PROBE,
        *TRIES, check=False)


def start_scope(kind):
    with open(f"{OUT}/{kind.unit}", "w") as out:
        out.write(run("systemd-run", "--quiet", "--scope", f"--unit={kind.unit}", PROBE, *TRIES, check=False).stdout)


def start_by_socket(kind):
    name = kind.unit[:-len(".service")]
    write(f"{UNITS}/{name}.socket", f"[Socket]\nListenStream=/run/{name}.sock\n")
    Units.reload()
    run("systemctl", "start", f"{name}.socket")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/run/{name}.sock")
        wait_until(lambda: len(Units.output(kind.unit)) == len(kind.words), 20.0)
        run("systemctl", "stop", f"{name}.socket", kind.unit, check=False)


def start_and_reload(kind):
    """Every command that a service can have, each of which appends its lines."""
    Units.start(kind.unit)
    run("systemctl", "reload", kind.unit, check=False)
    Units.stop(kind.unit)


def after_reexec(kind):
    run("systemctl", "daemon-reexec")
    Units.start(kind.unit)


def commands(*names):
    return tuple(f"{name}=-{PROBE} {' '.join(TRIES)}" for name in names)


APPEND = f"StandardOutput=append:{OUT}/"
DEEP = ("d=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); for i in 1 2 3 et-other.service 5; do d=$d/$i; mkdir $d; done; "
        f"echo $$ >$d/cgroup.procs; exec {PROBE} {' '.join(TRIES)}")

KINDS = [
    Kind("oneshot", "etk-oneshot.service"),
    Kind("simple", "etk-simple.service", type="simple", tries=[*TRIES, "+", "stay"], stays=True),
    Kind("exec", "etk-exec.service", type="exec", tries=[*TRIES, "+", "stay"], stays=True),
    Kind("forking child", "etk-fork.service", tries=["--fork", *TRIES[:3], "--fork", *TRIES[3:]]),
    Kind("thread", "etk-thread.service", tries=["--thread", *TRIES[:3], "--thread", *TRIES[3:]]),
    Kind("template instance", "etk-template@one.service"),
    Kind("instance with an escaped name", "etk-template@a-b\\x20c.service"),
    Kind("transient", "etk-transient.service", start=start_transient),
    Kind("scope", "etk-run.scope", start=start_scope),
    Kind("in a slice", "et-in-slice.service", ("Slice=etk.slice",)),
    Kind("in a slice below it", "et-in-sub.service", ("Slice=etk-sub.slice",)),
    Kind("PrivateTmp and ProtectSystem=strict", "etk-private.service",
         ("PrivateTmp=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes",
          "NoNewPrivileges=yes")),
    Kind("User=", "etk-user.service", ("User=nobody", "Group=nogroup")),
    Kind("DynamicUser=", "etk-dynamic.service", ("DynamicUser=yes", "StateDirectory=etk-dynamic")),
    Kind("RootDirectory=", "etk-root.service", (f"RootDirectory={HERE}/root", "MountAPIVFS=yes")),
    Kind("BindPaths=", "etk-bind.service", (f"BindPaths={HERE}/secret:{HERE}/ok/bound",),
         tries=["read", f"{HERE}/ok/bound/key", "+", "read", FINE]),
    Kind("ProtectProc and syscall filters", "etk-filter.service",
         ("ProtectProc=invisible", "SystemCallFilter=@system-service", "RestrictNamespaces=yes", "LockPersonality=yes")),
    Kind("every command", "etk-commands.service",
         ("RemainAfterExit=yes", *commands("ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"),
          f"{APPEND}etk-commands.service"), start=start_and_reload, refusals=6, words=("refused", "allowed") * 6),
    Kind("socket-activated", "etk-socket.service", tries=["accept", "+", *TRIES], start=start_by_socket,
         words=("allowed", "refused", "allowed")),
    Kind("after daemon-reexec", "etk-reexec.service", ("PrivateTmp=yes",), start=after_reexec),
    Kind("Delegate= and a cgroup far below", "etl-delegate.service", ("Delegate=yes",), script=DEEP),
    Kind("Delegate= and ExecReload", "etl-reload.service",
         ("Delegate=yes", "RemainAfterExit=yes", *commands("ExecStartPost", "ExecReload"), f"{APPEND}etl-reload.service"),
         start=start_and_reload, refusals=3, words=("refused", "allowed") * 3),
    Kind("a name in its own /tmp", "etl-tmp.service", ("PrivateTmp=yes",),
         tries=["create", "/tmp/et-secret", "+", "read", "/tmp/et-secret"], words=("allowed", "refused")),
    Kind("run by a script", "etl-script.service", script=f"{PROBE} {' '.join(TRIES)}"),
]


class Kinds:
    def __init__(self, report, daemon, title="kinds", kinds=None, policies=None):
        self.report = report
        self.daemon = daemon
        self.title = title
        self.kinds = KINDS if kinds is None else kinds
        self.policies = policies or {"et-strict": STRICT, "et-loose": LOOSE}
        self.faults = {kind.name: [] for kind in self.kinds}

    def run(self, lift=True):
        """`lift`: and see that all works again when the policies are lifted."""
        self.furnish()
        for kind in self.kinds:
            if kind.start not in (start_transient, start_scope):
                self.write(kind)
        Units.reload()
        self.round("without policy", False, lambda: None)
        journal = Journal()
        self.round("under the policy", True, self.load)
        self.expect_entries(journal)
        if lift:
            self.daemon.forget()
            self.daemon.must_reload()
            self.round("with the policy lifted", False, lambda: None)
        for kind in self.kinds:
            self.report.check(f"{self.title}/{kind.name}", self.faults[kind.name])

    def load(self):
        for name, text in self.policies.items():
            self.daemon.policy(name, text)
        self.daemon.must_reload()

    def furnish(self):
        shutil.rmtree(HERE, ignore_errors=True)
        os.makedirs(OUT, exist_ok=True)
        os.chmod(OUT, 0o777)  # units of other users say there how far they are
        for path in (SECRET, FINE):
            write(path, "content\n")
        os.makedirs(f"{HERE}/ok/bound")
        with_root()

    def write(self, kind):
        root = any(line.startswith("RootDirectory=") for line in kind.lines)
        argv = ["/bin/sh", "-c", kind.script] if kind.script else ["/probe" if root else PROBE, *(kind.tries or TRIES)]
        file = kind.unit.replace("@one", "@").replace("@a-b\\x20c", "@")
        Units.write(file, argv, *kind.lines, type=kind.type, collect="inactive" if kind.check else "inactive-or-failed")

    def round(self, when, enforced, load):
        self.report.say(f"{len(self.kinds)} {self.title}, {when}")
        for name in os.listdir(OUT):
            os.unlink(f"{OUT}/{name}")
        Units.start(*(kind.unit for kind in self.kinds if kind.early))
        load()
        Units.start(*(kind.unit for kind in self.kinds if not kind.start))
        for kind in self.kinds:
            if kind.start:
                kind.start(kind)
        for kind in self.kinds:
            wanted = kind.words if enforced else kind.free or ("allowed",) * len(kind.words)
            wait_until(lambda: len(Units.output(kind.unit)) >= len(wanted), 3.0)
            lines = Units.output(kind.unit)
            if tuple(line[0] for line in lines) != wanted:
                shown = "\n".join(" ".join(line) for line in lines) or self.why(kind.unit)
                self.faults[kind.name].append(f"{when}: expected {' '.join(wanted)}, got\n{shown}")
            wrong = kind.check(enforced) if kind.check else ""
            if wrong:
                self.faults[kind.name].append(f"{when}: {wrong}")
        Units.stop(*(kind.unit for kind in self.kinds if kind.stays))

    @staticmethod
    def why(unit):
        shown = Units.show(unit, "Result", "ExecMainCode", "ExecMainStatus")
        return f"nothing ({shown})\n" + run("journalctl", "-u", unit, "-n8", "-o", "cat", "--no-pager", check=False).stdout

    def expect_entries(self, journal):
        total = sum(kind.refusals for kind in self.kinds)
        events = {}

        def complete():
            events.clear()
            events.update(journal.of_units())
            return sum(int(one["ENFORCED_COUNT"]) for some in events.values() for one in some) >= total

        wait_until(complete, 8.0, 0.5)
        for kind in self.kinds:
            found = events.pop(kind.governed or kind.unit, [])
            count = sum(int(one["ENFORCED_COUNT"]) for one in found)
            strange = [one for one in found if one["ENFORCED_RULE"] not in kind.rules
                       or one["ENFORCED_OPERATION"] != kind.operation]
            if count != kind.refusals or strange:
                self.faults[kind.name].append(f"{count} refusals in the journal, expected {kind.refusals}\n{excerpt(found)}")
        self.report.check(f"{self.title}/nothing else is in the journal",
                          [f"{unit}\n{excerpt(some)}" for unit, some in events.items()])
