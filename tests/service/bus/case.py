# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests on the bus begin with: a bus, a polkit, a daemon, a unit."""

import os
import shutil
import signal
import sys
import unittest

import machine
from machine import Client, Daemon, NOBODY, Unit, usual_policy, write_policy

ACTIONS = ["read-state", "read-events", "change-runtime-policy", "weaken-enforcement", "make-permanent"]


class BusCase(unittest.TestCase):
    """A daemon for each test, that holds the unit to the usual policy; one bus for all of them."""

    start_daemon = True

    @classmethod
    def setUpClass(cls):
        cls.bus = machine.Bus()
        cls.polkit = machine.Polkit()
        cls.unit = Unit()
        cls.daemon = Daemon()

    @classmethod
    def tearDownClass(cls):
        cls.polkit.stop()
        cls.bus.stop()
        cls.unit.remove()
        cls.daemon.close()

    def setUp(self):
        self.polkit.allow()
        self.polkit.hang(False)
        self.clear()
        if self.start_daemon:
            self.daemon.start()
        self.root = Client()

    def tearDown(self):
        self.root.close()
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.end()
        self.assertIn(self.daemon.process.returncode, [0, -signal.SIGKILL], self.daemon.output())
        self.daemon.run("--release")
        self.daemon.journal.clear()

    def clear(self):
        for place in [machine.POLICIES, "/run/enforced"]:
            shutil.rmtree(place, ignore_errors=True)
        os.makedirs(machine.POLICIES)
        write_policy("usual", usual_policy(self.unit.name))

    def allow(self, *actions):
        self.polkit.allow(*(f"org.enforced1.{action}" for action in actions))

    def allow_all(self):
        self.allow(*ACTIONS)

    def user(self, uid=NOBODY):
        client = Client(uid)
        self.addCleanup(client.close)
        return client

    def expect_held(self):
        self.assertNotEqual(self.unit.send(machine.FORBIDDEN_PORT), 0)
        self.assertEqual(self.unit.send(machine.PERMITTED_PORT), 0)

    def expect_free(self):
        self.assertEqual(self.unit.send(machine.FORBIDDEN_PORT), 0)

    def expect_refused(self, name, call, *arguments, **more):
        with self.assertRaises(machine.Refused) as refusal:
            call(*arguments, **more)
        self.assertTrue(refusal.exception.name.endswith(name), str(refusal.exception))
        return refusal.exception.message

    def state(self):
        """All that a call might have changed: files, what is in force, and what the daemon shows of it."""
        files = {}
        for top in ["/etc/enforced", "/run/enforced"]:
            for directory, _, names in os.walk(top):
                for name in names:
                    if name != "control":
                        with open(os.path.join(directory, name)) as file:
                            files[os.path.join(directory, name)] = file.read()
        shown = self.root.call("GetAll", "s", machine.MANAGER, interface=machine.PROPERTIES)
        for name in ["Counters", "Features"]:
            del shown[name]
        shown["Probation"].pop("remaining-usec", None)
        policies = [policy for policy in self.objects() if "/policy/" in policy]
        return files, shown, policies, self.root.get("LogLevel", "/org/freedesktop/LogControl1",
                                                     "org.freedesktop.LogControl1")

    def objects(self):
        return self.root.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")


def main():
    """For the end of a file of tests."""
    machine.isolate()
    if not machine.cgroup_root():
        print("no cgroup2 is mounted")
        sys.exit(77)
    unittest.main()
