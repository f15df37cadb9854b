# SPDX-License-Identifier: GPL-2.0-or-later
"""No silent weakness: what keeps enforcement from being whole is said once, shown as long as it lasts, and refused rather than
permitted."""

import contextlib
import ctypes
import json
import os
import socket
import struct

from caller import get
from bpfcall import Broken
from breakage import link_id
from faults import FREED, GOVERNED, HERE, POLICY, SECRET, Faults, hidden
from host import PINS, PROBE, Journal, Units, excerpt, read, run, wait_until, write
from intruder import obj_get, syscall

LOST, BUSY = "etf-lost.service", "etf-busy.service"
WEAKENED = "MESSAGE_ID=91139053f8ca42df8b75ca3a55988419"
MANY = 3000
STRANGER, PORT = "127.0.0.9", 7210
LISTEN = f"import socket, time; one = socket.create_server(('127.0.0.1', {PORT}), backlog=128); time.sleep(600)"
BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM = 1, 2, 3


class Weakness(Faults):
    title = "weakness"
    policy = POLICY + '[network]\nconnect.deny = ["any:192.0.2.1"]\nbind.deny = ["tcp:1"]\n'

    def tests(self):
        return [
            ("who maps memory while hooks are tried is not refused", self.busy),
            ("a program that was detached is attached anew", self.detached),
            ("one that cannot be is reported, as long as it lasts", self.deaf),
            ("events that were lost are refused all the same, and reported", self.lost),
            ("who is refused all the time hides nothing else", self.besieged),
            ("a map that fills up is reported", self.full_map),
            ("an exec by a task whose label was not to be had counts as soon as it is", self.late),
            ("what was noted of an exec goes with the thread", self.forgotten),
            ("what PID 1 forked and never got to its program leaves nothing behind", self.unborn),
        ]

    def weaknesses(self, *wanted, seconds=15.0):
        """The daemon shows these, and no others."""
        def agree():
            return sorted(get("Weaknesses")) == sorted(wanted)

        wait_until(agree, seconds, 0.5)
        self.expect(agree(), f"it shows {get('Weaknesses')}, expected {wanted}\n{self.daemon.log()}")
        state = "degraded" if wanted else "enforcing"
        self.expect(get("State") == state, f"its state is {get('State')}, expected {state}")

    def told(self, journal, count):
        entries = journal.entries(WEAKENED)
        self.expect(len(entries) == count, f"{len(entries)} entries of it, expected {count}: "
                    + "; ".join(one["MESSAGE"] for one in entries))

    @staticmethod
    def detach(hook):
        run("bpftool", "link", "detach", "id", str(link_id(hook)))

    def busy(self):
        """The canary is asked at mmap_file and file_mprotect whatever it maps: that is for it alone."""
        self.daemon.policy("etf-busy", f'units = ["{BUSY}"]\n[exec]\nwritable-memory = "deny"\nanonymous = "deny"\n')
        self.daemon.must_reload()
        enough = f"{HERE}/enough"
        loop = f"import mmap, os\nwhile not os.path.exists('{enough}'): mmap.mmap(-1, 4096).close()"
        Units.write(BUSY, ["/usr/bin/python3", "-c", loop], f"StandardOutput=truncate:{HERE}/%n",
                    type="simple", collect="inactive")
        Units.reload()
        journal = Journal()
        Units.start(BUSY)
        for _ in range(4):
            self.daemon.must_reload()
        state = Units.show(BUSY, "ActiveState")["ActiveState"]
        write(enough, "")
        self.expect(state == "active", f"it is {state}: " + run("journalctl", "-u", BUSY, "-n", "20", "-o", "cat").stdout)
        wait_until(lambda: Units.show(BUSY, "ActiveState")["ActiveState"] != "active", 30.0, 0.3)
        refused = journal.events().get(BUSY, [])
        self.expect(not refused, excerpt(refused))

    def detached(self):
        self.weaknesses()
        journal = Journal()
        self.detach("cgroup_connect4")
        self.daemon.must_reload()
        self.says(journal, "the kernel did not ask any more, and does again now that the programs are attached anew: "
                  "cgroup_connect4")
        shown = run("bpftool", "link", "show", "pinned", f"{PINS}/links/cgroup_connect4").stdout
        self.expect("cgroup_id 0 " not in shown, f"its link is {shown}")
        self.weaknesses()
        self.held("after it was attached anew")

    def deaf(self):
        self.daemon.restart()  # it knows the links, and has not loaded the programs
        journal = Journal()
        self.detach("cgroup_bind4")
        with hidden("/sys/kernel/btf"):
            self.daemon.reload()
            self.weaknesses("not-asked")
            self.daemon.reload()
            self.told(journal, 1)
            status = run("enforcectl", "status", check=False).stdout
            self.expect("Weakened" in status and "cgroup_bind4" in status, status)
            self.held("meanwhile")
        self.daemon.must_reload()
        self.weaknesses()
        self.says(journal, "no longer: what policies need is not enforced any more")

    def lost(self):
        """While the daemon does not read."""
        os.makedirs(f"{HERE}/secret/many", exist_ok=True)
        for number in range(MANY):
            write(f"{HERE}/secret/many/{number}", "")
        self.daemon.policy("etf", self.policy.replace('["etf.service"]', f'["etf.service", "{LOST}"]'))
        self.daemon.must_reload()
        words = " + ".join(f"read {HERE}/secret/many/{number}" for number in range(MANY)).split()
        write(f"{HERE}/words", "\n".join(words))
        Units.write(LOST, ["/bin/sh", "-c", f"exec xargs -a {HERE}/words -s 1000000 -n 100000 {PROBE}"],
                    f"StandardOutput=truncate:{HERE}/%n")
        Units.reload()
        journal, pid = Journal(), self.daemon.pid()
        run("kill", "-STOP", pid)
        try:
            Units.start(LOST)
        finally:
            run("kill", "-CONT", pid)
        found = [line[:2] for line in Units.output(LOST, HERE)]
        self.expect(found == [("refused", "EACCES")] * MANY, f"{len(found)} tries, not all refused")
        self.weaknesses("events-lost")
        self.told(journal, 1)
        events = journal.settled(LOST, MANY, 60.0)
        counted = sum(int(one["ENFORCED_COUNT"]) for one in events)
        self.expect(counted == MANY, f"{counted} accounted for, of {MANY}")

    def besieged(self):
        """Somebody's packets are refused while the daemon does not read. What is not announced takes no room."""
        self.daemon.policy("etf", self.policy.replace('["etf.service"]', f'["etf.service", "{LOST}"]')
                           + f'accept.deny = ["any:{STRANGER}"]\n')
        self.daemon.must_reload()
        Units.write(LOST, ["/usr/bin/python3", "-c", LISTEN], "StandardOutput=null", type="simple")
        Units.reload()
        Units.start(LOST)
        self.expect(wait_until(lambda: self.connect("127.0.0.1") == 0, 10.0, 0.1), "it does not listen")
        journal, pid = Journal(), self.daemon.pid()
        run("kill", "-STOP", pid)
        try:
            for _ in range(MANY):
                self.connect(STRANGER, wait=False)
            Units.start(GOVERNED)
        finally:
            run("kill", "-CONT", pid)
        events = journal.settled(GOVERNED, 1)
        self.expect([one.get("ENFORCED_OBJECT") for one in events] == [SECRET], excerpt(events))
        counted = sum(int(one["ENFORCED_COUNT"]) for one in journal.settled(LOST, MANY, 30.0))
        self.expect(counted == MANY, f"{counted} connections accounted for, of {MANY}")
        Units.stop(LOST)

    @staticmethod
    def connect(source, wait=True):
        with socket.socket() as one:
            one.setblocking(wait)
            one.bind((source, 0))
            return one.connect_ex(("127.0.0.1", PORT))

    def full_map(self):
        self.daemon.restart()
        journal = Journal()
        never = [struct.pack("Q", (1 << 62) + number) for number in range(14000)]
        with filled("units", never, bytes(4096)):
            self.daemon.must_reload()
            self.weaknesses("map-units")
            self.told(journal, 1)
            self.held("meanwhile")
        self.daemon.must_reload()
        self.weaknesses()

    def late(self):
        """An exec that nobody saw leaves a unit's program in the manager's phase. Here it was noted, as if another task had
        been preempted within the helper that would have fetched the label."""
        run("systemctl", "stop", "enforced")
        with Broken(f"{PINS}/links/bprm_committed_creds"):
            self.held("when nobody sees an exec", FREED)
            last = int(read("/proc/loadavg").split()[-1])
            with filled("execs", [struct.pack("I", last + number) for number in range(1, 3000)], struct.pack("I", 1)):
                self.held("when it was noted")
        self.starts_again()

    def forgotten(self):
        """The next to have its number may be PID 1's child, which has not exec'ed anything."""
        waits, ends = os.pipe()
        child = os.fork()
        if not child:
            os.close(ends)
            os.read(waits, 1)
            os._exit(0)
        with filled("execs", [struct.pack("I", child)], struct.pack("I", 1)) as left:
            self.expect(left() == 1, "it could not be noted")
            os.close(ends)
            os.waitpid(child, 0)
            self.expect(left() == 0, "it is still noted")
        os.close(waits)

    def unborn(self):
        """As long as a launch is known, whoever was forked in it is free."""
        def launches():
            return len(json.loads(run("bpftool", "-j", "map", "dump", "pinned", f"{PINS}/maps/launches").stdout))

        Units.write(LOST, ["/nonexistent/program"], "StandardOutput=null", collect="inactive")
        Units.reload()
        before = launches()
        for _ in range(10):
            run("systemctl", "start", LOST, check=False)
            self.expect(Units.show(LOST, "ExecMainStatus")["ExecMainStatus"] == "203", "it did not fail at its program")
        after = launches()
        self.expect(after < before + 5, f"{after} launches are known, {before} were")


@contextlib.contextmanager
def filled(name, keys, content):
    """A map of the daemon's with more entries; how many of them are left can be asked."""
    fd = obj_get(f"{PINS}/maps/{name}")
    value = ctypes.create_string_buffer(content, len(content))

    def each(command, *accepted):
        done = 0
        for one in keys:
            key = ctypes.create_string_buffer(one, len(one))
            addresses = ctypes.addressof(key), ctypes.addressof(value) if command != BPF_MAP_DELETE_ELEM else 0
            attributes = struct.pack("IIQQQ", fd, 0, *addresses, 0).ljust(128, b"\0")
            with contextlib.suppress(*accepted):
                syscall("bpf", command, attributes, len(attributes))
                done += 1
        return done

    each(BPF_MAP_UPDATE_ELEM)
    try:
        yield lambda: each(BPF_MAP_LOOKUP_ELEM, FileNotFoundError)
    finally:
        each(BPF_MAP_DELETE_ELEM, FileNotFoundError)  # the daemon, and the programs, forget them too
        os.close(fd)


SUITES = (Weakness,)
