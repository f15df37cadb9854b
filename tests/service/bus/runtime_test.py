#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The runtime layer: policies that are loaded, unloaded, switched and made permanent over the bus."""

import os
import signal
import subprocess

from gi.repository import GLib

import case
import machine
from machine import POLICIES, RUNTIME, write_policy

VENDOR = "/usr/lib/enforced/policy.d"


class Runtime(case.BusCase):
    def usual(self):
        return machine.usual_policy(self.unit.name)

    def setUp(self):
        super().setUp()
        os.unlink(f"{POLICIES}/usual.toml")
        self.reload()
        self.expect_free()

    def reload(self):
        return self.root.call("Reload", "a{sv}", {})

    def load(self, name="usual", text=None):
        return self.root.call("LoadPolicy", "ssa{sv}", name, text or self.usual(), {})

    def unload(self, name="usual"):
        return self.root.call("UnloadPolicy", "sa{sv}", name, {})

    def mode(self, mode, name="usual"):
        return self.root.call("SetMode", "ssa{sv}", name, mode, {})

    def permanent(self, name="usual"):
        return self.root.call("MakePermanent", "sa{sv}", name, {})

    def restart(self, number=signal.SIGTERM):
        self.daemon.end(number)
        self.daemon.start()

    def policy(self, name, property_):
        return self.root.get(property_, f"/org/enforced1/policy/{name}", "org.enforced1.Policy")

    def files(self, top):
        return sorted(os.path.join(directory, name) for directory, _, names in os.walk(top) for name in names)

    def test_a_policy_is_loaded_until_it_is_unloaded(self):
        self.assertEqual(self.load(), ("/org/enforced1/policy/usual", ""))
        self.expect_held()
        self.assertEqual(self.files(RUNTIME), [f"{RUNTIME}/usual.toml"])
        self.assertEqual(self.policy("usual", "Layer"), "runtime")
        self.assertTrue(self.daemon.said("policy usual was loaded over D-Bus by uid 0"))
        self.assertEqual(self.unload(), "")
        self.expect_free()
        self.assertEqual(self.files(RUNTIME), [])
        self.expect_refused("NoSuchPolicy", self.unload)

    def test_a_restart_keeps_it(self):
        self.load()
        self.mode("audit")
        for number in [signal.SIGTERM, signal.SIGKILL]:
            self.restart(number)
            self.expect_free()
            self.assertEqual(self.policy("usual", "RuntimeMode"), "audit")
            self.assertEqual(self.root.get("State"), "enforcing")
        self.mode("")
        self.restart()
        self.expect_held()

    def test_what_has_errors_changes_nothing(self):
        self.load()
        before = self.state()
        message = self.expect_refused("Error.BadPolicy", self.load, text='units = ["x.service"]\nmoed = 1\n')
        self.assertIn("/run/enforced/policy.d/usual.toml:2:1: error:", message)
        self.assertEqual(self.state(), before)
        self.expect_refused("Error.BadPolicy", self.load, "fresh", "[" * 3000)
        self.expect_refused("Error.BadPolicy", self.load, "fresh", "[[[[")
        self.expect_refused("Error.InvalidArgs", self.load, "../fresh")
        self.expect_refused("Error.InvalidArgs", self.load, ".fresh")
        self.expect_refused("Error.LimitExceeded", self.load, "fresh", self.usual() + "#" * 262144)
        self.assertEqual(self.state(), before)
        self.expect_held()

    def test_what_the_tables_cannot_hold_changes_nothing(self):
        for i in range(254):  # with the one that is loaded, and none at all, as many sets as there is room for
            write_policy(f"many{i}", f'units = ["many{i}.service"]\n[network]\ndefault = "deny"\n')
        self.reload()
        self.load()
        before = self.state()
        self.expect_refused("Error.Failed", self.load, "fresh", 'units = ["fresh.service"]\n[network]\ndefault = "deny"\n')
        self.assertEqual(self.state(), before)
        self.expect_held()

    def test_what_this_kernel_cannot_do_changes_nothing(self):
        hooks = {name: state for name, state, _ in self.root.call("TryFeatures", "a{sv}", {})}
        if hooks["mmap_file"] == "works":
            self.skipTest("this kernel can do it")
        before = self.state()
        text = 'units = ["x.service"]\n[exec]\ndefault = "deny"\nallow = ["/usr/bin/true"]\nlibraries = ["/**"]\n'
        message = self.expect_refused("Error.Unsupported", self.load, "fresh", text)
        self.assertIn('on-unsupported = "warn"', message)
        self.assertEqual(self.state(), before)
        self.load("fresh", 'on-unsupported = "warn"\n' + text)
        self.assertEqual(self.policy("fresh", "State"), "partial")
        self.assertEqual(self.policy("fresh", "NotInForce")[0][1], "exec")
        self.assertEqual(self.root.get("State"), "degraded")

    def test_the_mode_is_switched(self):
        self.load()
        self.mode("audit")
        self.expect_free()
        self.assertEqual((self.policy("usual", "Mode"), self.policy("usual", "RuntimeMode")), ("audit", "audit"))
        self.mode("off")
        self.expect_free()
        self.assertEqual(self.policy("usual", "State"), "off")
        self.mode("enforce")
        self.expect_held()
        self.mode("")
        self.assertEqual(self.policy("usual", "RuntimeMode"), "")
        self.expect_held()
        self.expect_refused("NoSuchPolicy", self.mode, "audit", "nginx")
        self.expect_refused("InvalidArgs", self.mode, "learn")

    def test_the_mode_of_a_local_policy_is_switched_as_well(self):
        write_policy("usual", self.usual())
        self.reload()
        self.expect_held()
        self.mode("audit")
        self.expect_free()
        self.reload()
        self.expect_free()
        os.makedirs(f"{POLICIES}/usual.toml.d")
        with open(f"{POLICIES}/usual.toml.d/zzz.toml", "w") as file:
            file.write('mode = "enforce"\n')
        self.reload()
        self.expect_held()
        before = self.state()
        self.expect_refused("Error.Shadowed", self.mode, "off")
        self.assertEqual(self.state(), before)

    def test_what_is_local_has_the_say(self):
        write_policy("usual", self.usual())
        self.reload()
        before = self.state()
        self.assertIn(POLICIES, self.expect_refused("Error.Shadowed", self.load))
        self.assertIn("off", self.expect_refused("Error.Shadowed", self.unload))
        self.assertEqual(self.state(), before)
        # Also when it has an error, and so is not known.
        write_policy("broken", "units = 3\n")
        self.expect_refused("Error.Shadowed", self.load, "broken")

    def test_what_somebody_wrote_meanwhile_is_not_lost(self):
        self.load()
        with open(f"{RUNTIME}/usual.toml", "a") as file:
            file.write("# mine\n")
        for change in [self.load, self.unload, self.permanent]:
            self.expect_refused("Error.Shadowed", change)
        with open(f"{RUNTIME}/usual.toml") as file:
            self.assertIn("# mine", file.read())
        self.reload()
        self.unload()

    def test_other_files_are_not_read(self):
        write_policy("half", "units = [")
        self.load()
        self.expect_held()
        self.assertEqual(self.root.get("State"), "degraded")
        self.expect_refused("Error.BadPolicy", self.reload)
        self.expect_held()

    def test_a_policy_of_a_package_is_replaced_and_masked(self):
        self.assertFalse(os.path.exists(VENDOR))
        os.makedirs(VENDOR)
        self.addCleanup(os.removedirs, VENDOR)
        self.addCleanup(os.unlink, f"{VENDOR}/usual.toml")
        write_policy("usual", self.usual(), VENDOR)
        self.reload()
        self.expect_held()
        self.assertEqual(self.policy("usual", "Layer"), "vendor")
        self.unload()
        self.expect_free()
        self.reload()
        self.expect_free()
        self.load()
        self.expect_held()
        self.assertEqual(self.policy("usual", "Layer"), "runtime")
        self.unload()
        self.assertEqual(self.permanent()[0], [f"{POLICIES}/usual.toml"])
        self.assertEqual(os.stat(f"{POLICIES}/usual.toml").st_size, 0)
        self.restart()
        self.expect_free()
        os.unlink(f"{POLICIES}/usual.toml")
        self.reload()
        self.expect_held()

    def test_what_amends_an_unloaded_policy_is_masked_with_it(self):
        self.load()
        os.makedirs(f"{POLICIES}/usual.toml.d")
        with open(f"{POLICIES}/usual.toml.d/more.toml", "w") as file:
            file.write('description = "more"\n')
        self.reload()
        self.assertEqual(self.policy("usual", "Files"), [f"{RUNTIME}/usual.toml", f"{POLICIES}/usual.toml.d/more.toml"])
        self.unload()
        self.expect_free()
        self.reload()
        self.expect_free()

    def test_it_is_made_permanent(self):
        self.expect_refused("Error.NotRuntime", self.permanent)
        self.load()
        self.mode("audit")
        files = [f"{POLICIES}/usual.toml", f"{POLICIES}/usual.toml.d/zz-mode.toml"]
        self.assertEqual(sorted(self.permanent()[0]), files)
        self.assertEqual(self.files(POLICIES), files)
        self.assertEqual(self.files(RUNTIME), [])
        self.assertEqual((self.policy("usual", "Layer"), self.policy("usual", "Mode")), ("local", "audit"))
        self.expect_refused("Error.NotRuntime", self.permanent)
        self.mode("enforce")
        self.expect_held()
        self.permanent()
        self.restart()
        self.expect_held()
        self.assertEqual(self.root.get("State"), "enforcing")

    def test_release_lifts_all_until_a_reload(self):
        self.load()
        self.root.call("Release", "a{sv}", {})
        self.expect_free()
        self.assertEqual(self.root.get("State"), "released")
        self.assertEqual(self.policy("usual", "State"), "released")
        self.expect_refused("Error.Released", self.load)
        self.expect_refused("Error.Released", self.mode, "audit")
        self.reload()
        self.expect_held()
        self.root.call("Release", "a{sv}", {})
        self.restart(signal.SIGKILL)
        self.expect_held()

    def test_options_that_are_not_known_are_refused(self):
        before = self.state()
        for options in [{"timeout-sec": GLib.Variant("t", 60_000_000)}, {"timeout-usec": GLib.Variant("s", "60")},
                        {"timeout-usec": GLib.Variant("t", 999_999)}, {"keep": GLib.Variant("b", True)},
                        {"timeout-usec": GLib.Variant("t", 86_400_000_001)}]:
            self.expect_refused("InvalidArgs", self.root.call, "LoadPolicy", "ssa{sv}", "usual", self.usual(), options)
        self.assertEqual(self.state(), before)

    def test_runtime_policies_of_one_user_are_bounded(self):
        self.allow_all()
        user, other = self.user(), self.user(machine.OTHER)
        for i in range(16):
            user.call("LoadPolicy", "ssa{sv}", f"fresh{i}", f'units = ["u{i}.service"]\n', {})
        self.restart()
        call = ("LoadPolicy", "ssa{sv}", "more", 'units = ["more.service"]\n', {})
        self.expect_refused("Error.LimitExceeded", user.call, *call)
        user.call("LoadPolicy", "ssa{sv}", "fresh3", 'units = ["u3.service"]\n', {})
        other.call(*call)
        self.unload("fresh5")
        user.call("LoadPolicy", "ssa{sv}", "even-more", 'units = ["more.service"]\n', {})

    def limit_run(self, inodes):
        subprocess.run(["mount", "-o", f"remount,nr_inodes={inodes}", "/run"], check=True)

    def test_without_room_for_a_file_nothing_changes(self):
        self.load()
        before = self.state()
        self.addCleanup(self.limit_run, 0)
        there = os.statvfs("/run")
        self.limit_run(there.f_files - there.f_ffree)
        message = self.expect_refused("Error.Failed", self.load, "fresh")
        self.assertIn("No space left on device", message)
        self.limit_run(0)
        self.assertEqual(self.state(), before)
        self.expect_held()

    def test_the_log_is_controlled_and_refusals_are_not(self):
        self.load()
        for name, value in [("LogLevel", "warning"), ("LogTarget", "null")]:
            self.root.call("Set", "ssv", "org.freedesktop.LogControl1", name, GLib.Variant("s", value),
                           path="/org/freedesktop/LogControl1", interface=machine.PROPERTIES)
        self.assertEqual(self.root.get("LogLevel", "/org/freedesktop/LogControl1", "org.freedesktop.LogControl1"),
                         "warning")
        self.expect_refused("InvalidArgs", self.root.call, "Set", "ssv", "org.freedesktop.LogControl1", "LogLevel",
                            GLib.Variant("s", "loud"), path="/org/freedesktop/LogControl1",
                            interface=machine.PROPERTIES)
        count = len(self.daemon.entries())
        self.load("fresh", 'units = ["x.service"]\n')
        self.assertEqual(len(self.daemon.entries()), count)
        self.expect_held()
        self.assertTrue(machine.wait_until(lambda: self.daemon.said("refused: ")))


if __name__ == "__main__":
    case.main()
