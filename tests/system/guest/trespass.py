# SPDX-License-Identifier: GPL-2.0-or-later
"""Self-protection: root in a governed unit does nothing to the daemon, in any way that it tries; root in no governed unit
can, and that is told of."""

import json
import os
import shutil

from bpfcall import number_of_link, program_of
from host import OUT, PINS, PROBE, ROOT, Journal, Units, excerpt, read, run, wait_until, write
from intruder import FREE, POLICY, TMP, TRIES

INTRUDER = "/opt/enforced-test/intruder.py"
HERE = f"{ROOT}/self"
SECRET = f"{HERE}/secret"
GOVERNED, FREED, WITNESS = "et-self.service", "et-self-free.service", "et-self-witness.service"
HARMLESS = ("is-there", "new-policy", "unpin-link", "map", "nice", "over-policies", "own-file")
ERRNO = {"memory-file": "EACCES"}  # the kernel's own word for what ptrace_access_check refuses

# Tries that begin with a mount of what is guarded, and cannot take it away again.
LEFT_MOUNTED = ("second-hierarchy", "bind-policies")

# A unit whose policy speaks of nothing that it will try.
TEXT = f'''units = ["{GOVERNED}"]
{{mode}}
[network]
connect.deny = ["any:192.0.2.1"]
'''
OTHER = f'''units = ["{WITNESS}"]
[[file.rule]]
path = ["{SECRET}"]
access = "all"
action = "deny"
'''


def numbers():
    """By which the kernel knows a link, a map and a program of the daemon's."""
    link = f"{PINS}/links/task_kill"
    control = json.loads(run("bpftool", "-j", "map", "show", "pinned", f"{PINS}/maps/control").stdout)
    return str(number_of_link(link)), str(control["id"]), str(program_of(link))


class Trespass:
    title = "self"

    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon

    def run(self):
        shutil.rmtree(HERE, ignore_errors=True)
        os.makedirs(OUT, exist_ok=True)
        write(SECRET, "secret\n")
        Units.write(WITNESS, [PROBE, "read", SECRET])
        self.set_mode("")
        run("ln", POLICY, "/etc/et-before")
        self.daemon.must_reload()
        try:
            self.refused()
            self.permitted()
            self.audited()
        finally:
            os.unlink("/etc/et-before")

    def set_mode(self, mode):
        self.daemon.policy("et-self", TEXT.format(mode=mode))
        self.daemon.policy("et-witness", OTHER)
        self.daemon.must_reload()

    def intrude(self, unit, *names):
        """What came of each try, by its name; and what the daemon said of it."""
        Units.write(unit, ["/usr/bin/python3", INTRUDER, self.daemon.pid(), *numbers(), *names])
        Units.reload()
        journal = Journal()
        Units.start(unit)
        return dict(line.split() for line in read(f"{OUT}/{unit}").splitlines()), journal

    @staticmethod
    def told(journal, unit, count):
        """Of the class, by operation."""
        found = {}

        def complete():
            found.clear()
            for one in journal.events().get(unit, []):
                if one.get("ENFORCED_CLASS") == "self-protection":
                    found.setdefault(one["ENFORCED_OPERATION"], []).append(one)
            return sum(int(one["ENFORCED_COUNT"]) for events in found.values() for one in events) >= count

        wait_until(complete, 10.0, 0.5)
        return found

    def alive(self, pid):
        """It is the same process, and at work."""
        faults = [] if self.daemon.pid() == pid else [f"the daemon was {pid} and is {self.daemon.pid()}"]
        journal = Journal()
        Units.start(WITNESS)
        faults += [] if Units.output(WITNESS)[0][0] == "refused" else ["it does not enforce any more"]
        faults += [] if journal.settled(WITNESS, 1) else [f"it does not tell any more\n{self.daemon.log()}"]
        return faults

    def refused(self):
        pid = self.daemon.pid()
        results, journal = self.intrude(GOVERNED)
        for mounted in ("cgroup", "bind"):
            run("umount", f"{TMP}/{mounted}")
        self.report.check("self/the daemon lives and enforces", self.alive(pid))
        told = self.told(journal, GOVERNED, sum(map(len, TRIES.values())))
        for operation, tries in TRIES.items():
            for name in tries:
                wanted = ERRNO.get(name, "EPERM")
                self.report.check(f"self/{operation}: {name}", "" if results.get(name) == wanted else
                                  f"{results.get(name)}, expected {wanted}")
            besides = len(LEFT_MOUNTED) if operation == "daemon-mount" else 0
            self.expect_told(operation, told.get(operation, []), len(tries) + besides, "deny")
        for name in FREE:
            self.report.check(f"self/permitted: {name}", "" if results.get(name) == "-" else results.get(name))

    def expect_told(self, operation, events, expected, action):
        total = sum(int(one["ENFORCED_COUNT"]) for one in events)
        faults = [] if total == expected else [f"{total} told of, expected {expected}\n{excerpt(events, 40)}"]
        faults += [f"{one['MESSAGE']}: action {one['ENFORCED_ACTION']}" for one in events
                   if one["ENFORCED_ACTION"] != action or one["ENFORCED_RULE"] != "self-protection"]
        self.report.check(f"self/{operation} is told of, each once ({action})", faults)

    def permitted(self):
        """By root who is governed by nothing."""
        results, journal = self.intrude(FREED, *HARMLESS)
        self.report.check("self/ungoverned root can", [f"{name}: {results.get(name)}" for name in HARMLESS
                                                       if results.get(name) != "-"])
        wanted = {"daemon-change", "daemon-bpf", "daemon-limit", "daemon-mount"}
        told = self.told(journal, "", 6)
        missing = wanted - set(told)
        self.report.check("self/and that is told of, by the daemon's own journal",
                          f"nothing of {missing}: {excerpt([one for events in told.values() for one in events])}"
                          if missing else "")
        self.daemon.must_reload()  # which pins anew
        pid, journal = self.daemon.pid(), Journal()
        run("kill", "-STOP", pid)  # or it may have taken the event of its end, and not written it yet
        run("kill", "-KILL", pid)
        wait_until(lambda: self.daemon.pid() not in ("0", pid) and self.daemon.active(), 60.0, 0.3)
        self.report.check("self/ungoverned root kills it, and systemd starts it again", self.alive(self.daemon.pid()))
        signals = self.told(journal, "", 2).get("daemon-signal", [])
        self.report.check("self/which is told of by the one that comes after it",
                          "" if any("SIGKILL" in one["MESSAGE"] for one in signals) else excerpt(signals))
        self.daemon.must_reload()

    def audited(self):
        """Whose policies are all in mode audit, is only told of."""
        self.set_mode('mode = "audit"')
        results, journal = self.intrude(GOVERNED, *HARMLESS)
        told = self.told(journal, GOVERNED, 5)
        self.report.check("self/in audit mode it is permitted", [f"{name}: {results.get(name)}" for name in HARMLESS
                                                                 if results.get(name) != "-"])
        actions = {one["ENFORCED_ACTION"] for events in told.values() for one in events}
        self.report.check("self/and told of as what would be refused", "" if actions == {"would-deny"} else str(told))
        self.daemon.must_reload()
