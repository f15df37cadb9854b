# SPDX-License-Identifier: GPL-2.0-or-later
"""Each hook has a test that turns red when its program permits: a hook of which that is not so is either of no use or
not tested. The programs are broken one at a time, by taking their links away while the daemon is stopped; which steps
of the batteries come out otherwise then is the table of hooks and tests."""

import fcntl
import os
import signal
import subprocess

from battery import Battery, attempts, command
from bpfcall import Broken
from host import OUT, PINS, PROBE, ROOT, Units, read, run, wait_until, write
from moves import move
from trespass import INTRUDER, numbers

LINKS = f"{PINS}/links"
SLICE = "/sys/fs/cgroup/system.slice"
HERE, ELSEWHERE, DAEMONS = (f"{SLICE}/{name}.service" for name in ("et-hooks", "et-elsewhere", "enforced"))
SECRET = f"{ROOT}/hooks/secret"
POLICY = f'''
units = ["et-hooks.service"]
on-unsupported = "warn"
[[file.rule]]
path = ["{SECRET}"]
access = ["read"]
action = "deny"
[network]
bind.deny = ["any:127.0.0.1:7209"]
[kernel]
modules = "deny"
'''
# What stands in for the daemon, in its cgroup, is left alone when that is stopped.
DROP_IN = "/run/systemd/system/enforced.service.d/stand-in.conf"

# Where to look first: a prefix of hooks, and parts of the names of groups.
LIKELY = {
    ("path_", "inode_", "file_", "mnt_"): ("file", "name"),
    ("sb_", "move_mount"): ("name", "kernel"),
    ("bprm_", "mmap_", "file_mprotect"): ("exec",),
    ("socket_", "cgroup_", "inet_"): ("net-",),
    ("unix_",): ("unix-", "kernel"),
    ("capable",): ("capability",),
}

# Steps that hold by what the daemon finds in the file system when it loads a policy: files are made anew here, and
# may or may not have the same numbers.
ANCHORED = ("bind-mount", "overlay")

# Self-protection: what intruder.py tries.
INTRUSIONS = {
    "task_setrlimit": "prlimit",
    "task_setnice": "nice",
    "task_setscheduler": "affinity",
    "task_setioprio": "disk",
    "task_movememory": "migrate",
    "file_lock": "flock",
    "path_notify": "fanotify",
    "bpf_map": "map",
    "bpf_prog": "program",
}

# What decides nothing by itself, and by what it is held.
HELD_ELSEWHERE = {
    "sched_process_exit": "weakness/what PID 1 forked and never got to its program leaves nothing behind",
    "iter_task": "moves/runs since before and was moved",
    "cgroup_mkdir": "what it enters is found out by the first hook, too, where there is BPF LSM",
    "file_ioctl_compat": "only programs of 32 bits come there; bypass/T22",
}
HELD_ELSEWHERE |= dict.fromkeys(
    ("cgroup_connect4", "cgroup_connect6", "cgroup_sendmsg4", "cgroup_sendmsg6", "cgroup_bind4", "cgroup_bind6",
     "cgroup_sock_create"), "refused by the hooks of sockets as well, where there is BPF LSM; see nolsm")


class Hooks(Battery):
    def __init__(self, report, daemon, groups):
        super().__init__(report, daemon, groups)
        self.has_lsm = "bpf" in read("/sys/kernel/security/lsm").split(",")
        self.stand_in = None
        self.own = {"cgroup_attach_task": self.moved_in_and_out, "task_alloc": self.born_elsewhere,
                    "file_send_sigiotask": self.signalled, "kernel_module_request": self.autoloaded,
                    "sctp_bind_connect": self.bound_by_option}
        self.own |= {hook: lambda name=name: self.intruded(name) for hook, name in INTRUSIONS.items()}

    def run(self):
        write(SECRET, "secret\n")
        write(DROP_IN, "[Service]\nKillMode=process\n")
        self.daemon.policy("et-hooks", POLICY)
        os.makedirs(OUT, exist_ok=True)
        for unit in ("et-hooks.service", "et-elsewhere.service"):
            Units.write(unit, ["/bin/sleep", "infinity"], type="simple")
        for group in self.groups:
            Units.write(group.unit, command(group, "a", True), *group.service)
        self.write_policies()
        Units.reload()
        self.daemon.must_reload()
        Units.start("et-hooks.service", "et-elsewhere.service")
        self.tune("/proc/sys/net/ipv4/tcp_syn_retries", "1")  # of connections of which only the packets are refused
        keeper = self.in_the_daemons_place()  # of its cgroup: PID 1 removes one that is empty
        self.place_stand_in()
        run("systemctl", "stop", "enforced")  # all of it stays in force, and nobody else holds the links
        for hook in sorted(os.listdir(LINKS)):
            self.check(hook)
        Units.stop("et-hooks.service", "et-elsewhere.service")
        self.stand_in.kill()
        keeper.kill()
        os.unlink(DROP_IN)
        Units.reload()
        self.daemon.must_start()

    @staticmethod
    def in_the_daemons_place():
        return subprocess.Popen(["/bin/sleep", "infinity"], preexec_fn=lambda: move(0, DAEMONS))

    def place_stand_in(self):
        self.stand_in = self.in_the_daemons_place()

    def check(self, hook):
        with Broken(f"{LINKS}/{hook}"):
            found = self.own[hook]() if hook in self.own else self.search(hook)
        if found and hook not in self.own:
            found = sorted(set(found) - self.red([group for group in self.groups
                                                  if any(step.startswith(f"{group.name}/") for step in found)]))
        if found:
            self.report.say(f"{hook:<24} {found[0]}{f' and {len(found) - 1} more' if found[1:] else ''}")
        why = "" if found else HELD_ELSEWHERE.get(hook, "")
        if why and self.has_lsm:
            self.report.say(f"{hook:<24} {why}")
        else:
            self.report.check(f"hooks/{hook} has a test that needs it", "" if found else "nothing turned red")

    def search(self, hook):
        parts = next((parts for prefixes, parts in LIKELY.items() if hook.startswith(prefixes)), ("kernel",))
        likely = [group for group in self.groups if any(part in group.name for part in parts)]
        others = [group for group in self.groups if group not in likely]
        held_elsewhere = self.has_lsm and hook in HELD_ELSEWHERE
        return sorted(self.red(likely) or (not held_elsewhere and self.red(others)) or ())

    def red(self, groups):
        """The steps that come out otherwise than they should."""
        self.faults.clear()
        self.groups, everything = groups, self.groups
        self.clean()
        write(SECRET, "secret\n")
        places = [(step, place) for group in groups for step, _, place, _ in attempts(group, "a")]
        for _, place in places:
            place.furnish()
        for act in ("prepare", "later"):
            for step, place in places:
                if getattr(step, act):
                    getattr(step, act)(place)
        for group in groups:
            if os.path.exists(f"{OUT}/{group.unit}"):
                os.unlink(f"{OUT}/{group.unit}")
        Units.start(*(group.unit for group in groups))
        self.expect_refused()
        self.groups = everything
        return {f"{group}/{step}" for group, step in self.faults if not any(part in step for part in ANCHORED)}

    @staticmethod
    def in_the_unit(*argv):
        return subprocess.run(argv, preexec_fn=lambda: move(0, HERE), capture_output=True, text=True, check=False)

    @staticmethod
    def moved_in_and_out():
        """A process that does nothing while it is in the unit is the unit's for good."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(reader, 1)
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            os.execv("/bin/cat", ["cat", SECRET])
        for cgroup in (HERE, ELSEWHERE):
            move(pid, cgroup)
        os.write(writer, b"x")
        os.close(reader)
        os.close(writer)
        return ["moves/moved in and out"] if os.waitpid(pid, 0)[1] == 0 else []

    def born_elsewhere(self):
        """A child of the unit's that is made in another cgroup is the unit's."""
        done = self.in_the_unit(PROBE, "--into", ELSEWHERE, "read", SECRET)
        return ["moves/born elsewhere"] if done.stdout.startswith("allowed") else []

    @staticmethod
    def tune(path, value):
        with open(path, "w") as file:
            file.write(value)

    def autoloaded(self):
        """What the kernel runs to load a module that a unit is in want of: the unit is not told."""
        modprobe, ran = "/proc/sys/kernel/modprobe", f"{ROOT}/hooks/ran"
        before = read(modprobe)
        write(f"{ROOT}/hooks/modprobe", f"#!/bin/sh\n: >{ran}\n", 0o755)
        self.tune(modprobe, f"{ROOT}/hooks/modprobe")
        try:
            self.in_the_unit(PROBE, "autoload")
            return ["kernel-services/autoload"] if wait_until(lambda: os.path.exists(ran), 3.0, 0.1) else []
        finally:
            self.tune(modprobe, before)

    def bound_by_option(self):
        """What binds a socket of SCTP by setsockopt(2) passes no other hook. Its module is loaded by others than the unit."""
        run("modprobe", "sctp", check=False)
        done = self.in_the_unit(PROBE, "bindx", "127.0.0.1", "7209")
        return ["T64/bind-by-an-option"] if done.stdout.startswith("allowed") else []

    def intruded(self, name):
        """What self-protection refuses, done to the stand-in."""
        done = self.in_the_unit("/usr/bin/python3", INTRUDER, str(self.stand_in.pid), *numbers(), name)
        return [f"self/{name}"] if done.stdout.split() == [name, "-"] else []

    def signalled(self):
        """A file that was told to signal the daemon, when nobody minded, does."""
        one, other = os.pipe()
        fcntl.fcntl(one, fcntl.F_SETOWN, self.stand_in.pid)
        fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(other, b"x")
        os.close(one)
        os.close(other)
        if not wait_until(lambda: self.stand_in.poll() is not None, 3.0, 0.1):
            return []
        died_of = -self.stand_in.returncode
        self.place_stand_in()
        return ["self/signal of a file"] if died_of == signal.SIGIO else []
