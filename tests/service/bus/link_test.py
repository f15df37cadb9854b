#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon enforces without a bus, before there is one, while it hangs, and after it has gone."""

import os

import case
import machine


class Link(case.BusCase):
    start_daemon = False

    def restart_bus(self):
        self.polkit.stop()
        self.__class__.bus = machine.Bus()
        self.__class__.polkit = machine.Polkit()
        self.root = machine.Client()

    def test_the_bus_comes_late(self):
        self.bus.stop()
        os.rmdir("/run/dbus")  # as in early boot
        self.daemon.start(on_bus=False)
        self.expect_held()
        machine.write_policy("usual", 'units = ["x.service"]\n')
        self.assertEqual(self.daemon.run("--reload").returncode, 0)
        self.expect_free()
        os.mkdir("/run/dbus")
        self.restart_bus()
        self.daemon.wait_for_name()
        self.assertEqual(self.root.get("State"), "enforcing")

    def test_the_bus_goes_and_comes_back(self):
        self.daemon.start()
        for _ in range(2):
            self.bus.stop()
            self.expect_held()
            self.assertEqual(self.daemon.run("--reload").returncode, 0)
            self.assertTrue(machine.wait_until(lambda: self.daemon.said("the connection to D-Bus is lost")))
            self.daemon.journal.clear()
            self.restart_bus()
            self.daemon.wait_for_name()
            self.assertEqual(self.root.call("GetPolicyByName", "s", "usual"), "/org/enforced1/policy/usual")

    def test_a_bus_that_hangs_holds_nothing_up(self):
        self.bus.pause(True)
        self.addCleanup(self.bus.pause, False)
        self.daemon.start(on_bus=False)
        self.assertEqual(self.daemon.run("--reload").returncode, 0)
        self.expect_held()
        self.bus.pause(False)
        self.daemon.wait_for_name()
        self.bus.pause(True)
        machine.write_policy("usual", 'units = ["x.service"]\n')
        self.assertEqual(self.daemon.run("--reload").returncode, 0)
        self.expect_free()
        self.bus.pause(False)
        self.assertTrue(machine.wait_until(
            lambda: self.root.get("Units", "/org/enforced1/policy/usual", "org.enforced1.Policy") == ["x.service"]))

    def test_it_ends_although_the_bus_hangs(self):
        self.daemon.start()
        self.bus.pause(True)
        self.addCleanup(self.bus.pause, False)
        self.daemon.process.terminate()
        self.assertEqual(self.daemon.process.wait(machine.PATIENCE), 0)
        self.bus.pause(False)

    def test_a_bus_that_does_not_give_the_name_is_said(self):
        other = machine.Client()
        other.call("RequestName", "su", machine.BUS_NAME, 4, path="/org/freedesktop/DBus",
                   interface="org.freedesktop.DBus", destination="org.freedesktop.DBus")
        self.daemon.start(on_bus=False)
        self.assertTrue(machine.wait_until(lambda: self.daemon.said("another process has the name")))
        self.expect_held()
        other.close()

    def test_the_name_is_roots(self):
        self.expect_refused("AccessDenied", self.user().call, "RequestName", "su", machine.BUS_NAME, 4,
                            path="/org/freedesktop/DBus", interface="org.freedesktop.DBus",
                            destination="org.freedesktop.DBus")


if __name__ == "__main__":
    case.main()
