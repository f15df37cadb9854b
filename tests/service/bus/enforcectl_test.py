#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""enforcectl against the daemon itself: what it shows, what it changes, and what it says to whom."""

import fcntl
import os
import pty
import subprocess
import termios
import time

import case
import ctl
import machine
from ctl import EXIT_FAILED, EXIT_FORBIDDEN, EXIT_INACTIVE, EXIT_NOT_RUNNING

PROGRAMS = "/run/programs"
SETTINGS = "/etc/enforced/enforced.toml"
LOADED = machine.usual_policy("other.service")


class Enforcectl(ctl.CtlCase):
    def test_it_shows_what_is_in_force(self):
        self.assertIn("enforcing", self.good("status"))
        self.assertRegex(self.good("units"), f"{self.unit.name} +enforce +usual +complete")
        self.assertRegex(self.good("policies", "--no-legend"), f"^usual +enforce +in-force +local +{self.unit.name}\n$")
        unit = self.json("show", self.unit.name)
        self.assertEqual((unit["policies"], unit["mode"]), (["usual"], "enforce"))
        self.assertIn("/" + self.unit.name, unit["control_group"])
        self.assertEqual(self.json("show", "usual")["files"], [f"{machine.POLICIES}/usual.toml"])
        self.assertIn("enforced by usual", self.good("status", self.unit.name))

    def test_json_has_every_property_of_the_interface(self):
        for interface, arguments in [("Manager", []), ("Policy", ["usual"]), ("Unit", [self.unit.name])]:
            path = {"Manager": machine.ROOT, "Policy": "/org/enforced1/policy/usual"}.get(interface) or \
                self.root.call("GetUnitByName", "s", self.unit.name)
            shown = self.root.call("GetAll", "s", f"org.enforced1.{interface}", path=path, interface=machine.PROPERTIES)
            expected = {"".join("_" + c.lower() if c.isupper() else c for c in name)[1:] for name in shown}
            self.assertEqual(set(self.json("show", *arguments)), expected)

    def test_what_was_refused_is_counted(self):
        self.unit.send(machine.FORBIDDEN_PORT)
        unit = self.json("show", self.unit.name)
        self.assertEqual(unit["hits"]["refused"], 1)
        rules = [rule for rule in unit["rules"] if rule["hits"]]
        self.assertEqual([(rule["file"], rule["policy"]) for rule in rules], [(f"{machine.POLICIES}/usual.toml", "usual")])
        self.assertIn("usual.toml:", self.good("status", self.unit.name))

    def test_a_mode_is_set_and_undone(self):
        output = self.good("mode", "usual", "audit")
        self.assertIn("enforcectl permanent usual", output)
        self.expect_free()
        self.assertEqual(self.ctl("status", self.unit.name)[0], EXIT_INACTIVE)
        self.assertIn("audit (runtime)", self.good("policies"))
        self.good("mode", "usual", "default")
        self.expect_held()

    def test_a_mode_on_probation_says_how_to_keep_it_and_when_it_ends(self):
        output = self.good("mode", "usual", "audit", "--timeout", "5min")
        for part in ["Policy usual is in mode audit", "undone in 5min", "enforcectl confirm", "enforcectl revert"]:
            self.assertIn(part, output)
        status = self.good("status")
        self.assertRegex(status, r"mode audit of policy usual.*\n.*undone in (5min|4min 5\ds)")
        errors = self.fails(EXIT_FAILED, "mode", "usual", "off")
        self.assertIn("enforcectl confirm", errors)
        self.expect_free() # although the one that made the change has left
        self.good("revert")
        self.expect_held()
        self.assertIn("enforcectl status", self.fails(EXIT_FAILED, "confirm"))

    def test_a_change_on_probation_stays_if_it_is_confirmed(self):
        self.good("mode", "usual", "audit", "--timeout", "1s")
        self.good("confirm")
        time.sleep(1.5)
        self.expect_free()

    def test_a_change_on_probation_is_undone_in_time(self):
        self.good("mode", "usual", "audit", "--timeout", "1s")
        self.expect_free()
        self.assertTrue(machine.wait_until(lambda: self.unit.send(machine.FORBIDDEN_PORT)))

    def test_a_change_that_is_held_ends_with_its_maker(self):
        holder = subprocess.Popen([os.environ["ENFORCECTL"], "mode", "usual", "off", "--timeout", "1h", "--hold"],
                                  stdout=subprocess.PIPE, text=True, env={"DBUS_SYSTEM_BUS_ADDRESS": machine.ADDRESS})
        self.assertIn("mode off", holder.stdout.readline())
        self.expect_free()
        holder.kill()
        holder.communicate()
        self.assertTrue(machine.wait_until(lambda: self.unit.send(machine.FORBIDDEN_PORT)))

    def test_a_change_that_is_held_ends_when_it_is_confirmed(self):
        holder = subprocess.Popen([os.environ["ENFORCECTL"], "mode", "usual", "off", "--timeout", "1h", "--hold"],
                                  stdout=subprocess.PIPE, text=True, env={"DBUS_SYSTEM_BUS_ADDRESS": machine.ADDRESS})
        holder.stdout.readline()
        self.good("confirm")
        self.assertIn("The probation is over", holder.communicate(timeout=machine.PATIENCE)[0])
        self.assertEqual(holder.returncode, 0)
        self.expect_free()

    def test_a_policy_is_loaded_kept_and_lifted(self):
        self.assertIn("Policy more is loaded", self.good("load", "-", "--name", "more", text=LOADED))
        self.assertIn("runtime", self.good("policies"))
        self.assertEqual(self.json("permanent", "more")["files"], [f"{machine.POLICIES}/more.toml"])
        self.assertEqual(self.json("show", "more")["layer"], "local")
        self.assertIn("more.toml", self.fails(EXIT_FAILED, "unload", "more"))
        self.good("load", "-", "--name", "third", text=LOADED)
        self.good("unload", "third")
        self.assertIn("enforcectl policies", self.fails(EXIT_FAILED, "show", "third"))

    def test_a_bad_policy_is_not_loaded_and_its_place_is_named(self):
        status, _, errors = self.ctl("load", "-", "--name", "bad", text='units = ["a"]\n')
        self.assertEqual(status, EXIT_FAILED)
        self.assertIn("bad.toml:1:11: error: ", errors)

    def test_the_running_daemon_checks_a_file(self):
        machine.write_policy("new", 'units = ["a.service"]\n[[file.rule]]\npath = ["/x"]\naccess = "all"\naction = "deny"\n', "/run/drafts")
        status, _, errors = self.ctl("check", "--running", "/run/drafts/new.toml")
        self.assertEqual(self.ctl("check", "/run/drafts/new.toml")[0], 0)
        self.assertEqual(status, EXIT_FAILED, errors) # this kernel has no LSM programs
        self.assertTrue(errors.startswith("/run/drafts/new.toml:"), errors)

    def test_reload_and_release(self):
        machine.write_policy("usual", 'units = ["' + self.unit.name + '"]\nnonsense = 1\n')
        self.assertIn("usual.toml:2:1: error: ", self.fails(EXIT_FAILED, "reload"))
        self.expect_held()
        machine.write_policy("usual", machine.usual_policy(self.unit.name))
        self.good("reload")
        self.assertIn("enforcectl reload", self.good("release"))
        self.expect_free()
        status, output, _ = self.ctl("status")
        self.assertEqual(status, EXIT_INACTIVE)
        self.assertIn("released", output)
        self.good("reload")
        self.expect_held()

    def test_features_are_tried(self):
        features = {feature["hook"]: feature["state"] for feature in self.json("features")}
        self.assertNotIn("untried", features.values())
        self.assertIn("works", features.values())

    def test_a_user_is_told_what_is_missing(self):
        before = self.state()
        for arguments in [["units"], ["policies"], ["show"], ["reload"], ["release"], ["mode", "usual", "off"],
                          ["unload", "usual"], ["permanent", "usual"], ["features"], ["events", "-n", "1"]]:
            errors = self.fails(EXIT_FORBIDDEN, *arguments, "--no-ask-password", uid=machine.NOBODY)
            self.assertEqual(len(errors.splitlines()), 2, errors)
        status, output, _ = self.ctl("status", "--no-ask-password", uid=machine.NOBODY)
        self.assertEqual(status, EXIT_FORBIDDEN)
        self.assertIn("enforcing", output) # that much everyone may know
        self.assertEqual(self.state(), before)

    def test_a_user_may_do_what_polkit_allows(self):
        self.allow("read-state")
        self.assertIn("usual", self.good("policies", uid=machine.NOBODY))
        self.assertIn("not shown", self.ctl("status", uid=machine.NOBODY)[1])
        self.fails(EXIT_FORBIDDEN, "mode", "usual", "audit", uid=machine.NOBODY)

    def settings(self, text):
        """Starts the daemon anew with this for its settings."""
        self.daemon.end()
        with open(SETTINGS, "w") as file:
            file.write(text)
        self.addCleanup(os.unlink, SETTINGS)
        self.daemon.start()

    def log_level(self):
        return self.root.get("LogLevel", "/org/freedesktop/LogControl1", "org.freedesktop.LogControl1")

    def test_the_settings_are_read_at_the_start(self):
        self.settings('[log]\nlevel = "debug"\n[limits]\nruntime-policies = 1\n')
        self.assertEqual(self.log_level(), "debug")
        self.allow_all()
        self.good("load", "-", "--name", "mine", text=LOADED, uid=machine.NOBODY)
        status, _, errors = self.ctl("load", "-", "--name", "more", uid=machine.NOBODY, text=LOADED)
        self.assertEqual(status, EXIT_FAILED)
        self.assertIn("1 runtime policies are yours already", errors)
        self.good("load", "-", "--name", "more", text=LOADED)

    def test_bad_settings_are_told_and_keep_nothing_from_being_enforced(self):
        self.settings("[log]\nlevel = 7\n")
        self.assertEqual(self.log_level(), "info")
        self.expect_held()
        self.assertTrue(machine.wait_until(lambda: self.daemon.said(f"{SETTINGS}:2:9: error: ")))
        self.assertIn(f"{SETTINGS}:2:9: error: ", self.ctl("check")[2])
        self.assertIn(f"# {SETTINGS}\n[log]\n", self.good("cat-config"))

    def on_terminal(self, *arguments, uid=0, pager=None, **variables):
        """What the terminal shows of a call, with programs of the test first in PATH."""
        master, slave = pty.openpty()
        environment = {"DBUS_SYSTEM_BUS_ADDRESS": machine.ADDRESS, "LC_ALL": "C.UTF-8", "TERM": "xterm",
                       "COLUMNS": "60", "PATH": f"{PROGRAMS}:/usr/bin:/bin", **variables}
        process = subprocess.Popen([os.environ["ENFORCECTL"], *arguments], stdin=slave, stdout=slave, stderr=slave,
                                   env=environment, user=uid, start_new_session=True,
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 4096):
                shown += part
        except OSError: # the last one has closed it
            pass
        os.close(master)
        self.assertEqual(process.wait(), 0 if uid == 0 else process.returncode)
        return shown.decode().replace("\r\n", "\n")

    def program(self, name, text):
        os.makedirs(PROGRAMS, exist_ok=True)
        with open(f"{PROGRAMS}/{name}", "w") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(f"{PROGRAMS}/{name}", 0o755)
        self.addCleanup(os.unlink, f"{PROGRAMS}/{name}")

    def test_a_long_answer_goes_through_a_pager(self):
        self.program("pages", 'echo "LESS=$LESS"; sed "s/^/> /"')
        shown = self.on_terminal("policies", SYSTEMD_PAGER="pages", SYSTEMD_PAGERSECURE="0", NO_COLOR="1")
        self.assertIn("LESS=FRSXMK\n", shown)
        self.assertIn("> usual", shown)
        for arguments, variables in [(["--no-pager"], {}), ([], {"SYSTEMD_PAGER": ""}), ([], {"TERM": "dumb"})]:
            shown = self.on_terminal("policies", *arguments, **{"SYSTEMD_PAGER": "pages", "SYSTEMD_PAGERSECURE": "0", **variables})
            self.assertNotIn("> usual", shown)
            self.assertIn("usual", shown)

    def test_a_pager_that_could_give_a_shell_is_not_run_for_who_was_let_in(self):
        self.program("pages", 'sed "s/^/> /"')
        self.program("less", 'echo "LESSSECURE=$LESSSECURE"; cat')
        shown = self.on_terminal("policies", SYSTEMD_PAGER="pages", SYSTEMD_PAGERSECURE="1")
        self.assertIn("LESSSECURE=1\n", shown)
        self.assertNotIn("> ", shown)

    def test_who_quits_the_pager_has_read_enough(self):
        self.program("pages", "exec true")
        self.assertEqual(self.on_terminal("policies", SYSTEMD_PAGER="pages", SYSTEMD_PAGERSECURE="0"), "")

    def test_a_table_is_coloured_and_fits_a_terminal(self):
        shown = self.on_terminal("policies", "--no-pager")
        self.assertIn("\x1b[", shown)
        shown = self.on_terminal("policies", "--no-pager", NO_COLOR="1")
        self.assertNotIn("\x1b[", shown)
        self.assertLessEqual(max(map(len, shown.splitlines())), 60)

    def test_polkits_agent_is_there_while_a_user_may_be_asked(self):
        self.program("pkttyagent", 'echo "agent $*" >/run/agent/said; eval "exec $2>&-"; exec sleep 100')
        os.makedirs("/run/agent", exist_ok=True)
        os.chmod("/run/agent", 0o777)
        for arguments, uid, asked in [([], machine.NOBODY, True), (["--no-ask-password"], machine.NOBODY, False),
                                      ([], 0, False)]:
            self.on_terminal("policies", "--no-pager", *arguments, uid=uid)
            said = os.path.exists("/run/agent/said")
            self.assertEqual(said, asked, arguments)
            if said:
                with open("/run/agent/said") as file:
                    self.assertRegex(file.read(), r"^agent --notify-fd \d+ --fallback\n$")
                os.unlink("/run/agent/said")

    def test_without_the_daemon_it_names_the_command_that_starts_it(self):
        self.daemon.end()
        for arguments in [["units"], ["policies"], ["reload"], ["mode", "usual", "audit"], ["features"], ["explain"]]:
            self.assertIn("systemctl start enforced", self.fails(EXIT_NOT_RUNNING, *arguments))
        self.assertIn("systemctl start enforced", self.fails(EXIT_INACTIVE, "status"))


if __name__ == "__main__":
    case.main()
