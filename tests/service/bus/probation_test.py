#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes on probation: each kind undoes itself exactly, when its time is up, when its maker leaves, and whatever
becomes of the daemon meanwhile."""

import os
import shutil
import signal

from gi.repository import GLib

import case
import machine
from machine import POLICIES, RUNTIME, write_policy

LONG, SHORT = 600_000_000, 1_000_000  # µs


def terms(timeout=LONG, keep=False):
    options = {"timeout-usec": GLib.Variant("t", timeout)}
    if keep:
        options["keep"] = GLib.Variant("b", True)
    return options


class Kind:
    """A kind of change: the call, and whether the unit is held before and meanwhile."""

    def __init__(self, method, signature, *arguments, held=True, meanwhile=False, before=None):
        self.method, self.signature, self.arguments = method, signature, arguments
        self.held, self.meanwhile, self.before = held, meanwhile, before

    def make(self, client, options):
        answer = client.call(self.method, self.signature + "a{sv}", *self.arguments, options)
        return answer[-1] if isinstance(answer, tuple) else answer


def remove_file(test):
    os.unlink(f"{POLICIES}/usual.toml")


def remove_policy(test):
    remove_file(test)
    test.root.call("Reload", "a{sv}", {})


def load_policy(test):
    remove_policy(test)
    test.root.call("LoadPolicy", "ssa{sv}", "usual", machine.usual_policy(test.unit.name), {})


def release(test):
    test.root.call("Release", "a{sv}", {})


USUAL = machine.usual_policy(f"enforced-test-{os.getpid()}.service")
KINDS = {
    "mode": Kind("SetMode", "ss", "usual", "audit"),
    "unload": Kind("UnloadPolicy", "s", "usual", before=load_policy),
    "load": Kind("LoadPolicy", "ss", "usual", USUAL, held=False, meanwhile=True, before=remove_policy),
    "replace": Kind("LoadPolicy", "ss", "usual", 'units = ["x.service"]\n', before=load_policy),
    "make-permanent": Kind("MakePermanent", "s", "usual", meanwhile=True, before=load_policy),
    "reload": Kind("Reload", "", before=remove_file),
    "reload after release": Kind("Reload", "", held=False, meanwhile=True, before=release),
    "release": Kind("Release", ""),
}


class Probation(case.BusCase):
    def expect(self, held):
        self.expect_held() if held else self.expect_free()

    def each_kind(self, check):
        """Each kind of change, on a daemon of its own. `check` gets it, and what there is before."""
        for name, kind in KINDS.items():
            with self.subTest(name):
                self.daemon.end()
                self.daemon.run("--release")
                self.clear()
                self.daemon.start()
                if kind.before:
                    kind.before(self)
                self.expect(kind.held)
                check(kind, self.known())

    def known(self):
        """What there is, but for what counts on, and for what the files say of a reload that was undone."""
        files, shown, policies, level = self.state()
        files = {name: text for name, text in files.items() if not name.endswith(".json")}
        for name in ["Generation", "State", "Status"]:
            del shown[name]
        return files, shown, {path: self.root.call("GetAll", "s", "org.enforced1.Policy", path=path,
                                                   interface=machine.PROPERTIES) for path in policies}, level

    def comparable(self, known):
        for policy in known[2].values():
            del policy["Rules"]  # they count
        return known

    def pending(self):
        return self.root.get("Probation")

    def expect_undone(self, kind, before):
        self.assertTrue(machine.wait_until(lambda: not self.pending()))
        self.expect(kind.held)
        self.assertEqual(self.comparable(self.known()), self.comparable(before))
        self.assertFalse(os.path.exists("/run/enforced/probation.json"))

    def restart(self, number=signal.SIGKILL):
        self.daemon.end(number)
        self.daemon.start()

    def test_it_undoes_itself_when_its_time_is_up(self):
        def check(kind, before):
            identity = kind.make(self.root, terms(SHORT))
            self.assertEqual(self.pending().get("id", identity), identity)
            self.expect_undone(kind, before)
            self.assertTrue(self.daemon.said("its time is up"))
        self.each_kind(check)

    def test_it_is_in_force_meanwhile_and_stays_when_confirmed(self):
        def check(kind, _before):
            identity = kind.make(self.root, terms())
            self.expect(kind.meanwhile)
            self.root.call("Confirm", "sa{sv}", identity, {})
            self.assertEqual(self.pending(), {})
            self.expect(kind.meanwhile)
            self.expect_refused("Error.NoProbation", self.root.call, "Revert", "sa{sv}", "", {})
        self.each_kind(check)

    def test_it_is_reverted_on_demand(self):
        def check(kind, before):
            kind.make(self.root, terms())
            self.root.call("Revert", "sa{sv}", "", {})
            self.expect_undone(kind, before)
        self.each_kind(check)

    def test_it_undoes_itself_when_its_maker_leaves(self):
        def check(kind, before):
            maker = self.user(0)
            kind.make(maker, terms())
            self.expect(kind.meanwhile)
            maker.close()
            self.expect_undone(kind, before)
            self.assertTrue(self.daemon.said("who made it has left"))
        self.each_kind(check)

    def test_it_survives_the_death_of_the_daemon(self):
        def check(kind, before):
            kind.make(self.root, terms())
            deadline = self.pending()["deadline-usec"]
            self.restart()
            self.expect(kind.meanwhile)
            pending = self.pending()
            self.assertEqual((pending["deadline-usec"], pending["sender"]), (deadline, self.root.name))
            self.root.call("Revert", "sa{sv}", "", {})
            self.expect_undone(kind, before)
        self.each_kind(check)

    def test_its_time_goes_on_while_there_is_no_daemon(self):
        def check(kind, before):
            kind.make(self.root, terms(SHORT, keep=True))
            self.daemon.end(signal.SIGKILL)
            deadline = machine.time.clock_gettime(machine.time.CLOCK_BOOTTIME) + SHORT / 1e6
            machine.wait_until(lambda: machine.time.clock_gettime(machine.time.CLOCK_BOOTTIME) > deadline)
            self.expect(kind.meanwhile)
            self.daemon.start()
            self.expect_undone(kind, before)
        self.each_kind(check)

    def test_its_maker_leaves_while_there_is_no_daemon(self):
        def check(kind, before):
            maker = self.user(0)
            kind.make(maker, terms())
            self.daemon.end(signal.SIGKILL)
            maker.close()
            self.daemon.start()
            self.expect_undone(kind, before)
        self.each_kind(check)

    def test_it_stays_with_keep_when_its_maker_leaves(self):
        maker = self.user(0)
        identity = KINDS["mode"].make(maker, terms(keep=True))
        maker.close()
        self.restart()
        self.assertEqual(self.pending()["id"], identity)
        self.expect_free()

    def test_other_changes_are_refused_meanwhile(self):
        KINDS["mode"].make(self.root, terms())
        before = self.known()
        for name, kind in KINDS.items():
            message = self.expect_refused("Error.ProbationPending", kind.make, self.root, {})
            self.assertIn("the mode of policy usual was set to audit by uid 0", message)
        self.assertEqual(self.daemon.run("--reload").returncode, 1)
        self.assertIn("confirm or revert", self.daemon.run("--reload").stdout)
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.known(), before)
        self.expect_free()

    def test_only_its_maker_or_an_administrator_confirms(self):
        self.allow_all()
        maker = self.user()
        identity = KINDS["mode"].make(maker, terms(keep=True))
        self.polkit.allow()
        stranger = self.user(machine.OTHER)
        for method in ["Confirm", "Revert"]:
            self.expect_refused("AccessDenied", stranger.call, method, "sa{sv}", identity, {})
        self.expect_refused("Error.NoProbation", maker.call, "Confirm", "sa{sv}", "0123456789abcdef", {})
        self.assertEqual(self.root.get("Probation")["uid"], machine.NOBODY)
        self.user().call("Confirm", "sa{sv}", identity, {})  # the same user, on another connection
        self.assertEqual(self.pending(), {})
        self.allow_all()
        KINDS["mode"].make(maker, terms())
        self.polkit.allow()
        maker.call("Revert", "sa{sv}", "", {})

    def test_the_bus_goes(self):
        KINDS["mode"].make(self.root, terms())
        self.expect_free()
        self.bus.stop()
        self.assertTrue(machine.wait_until(lambda: self.unit.send(machine.FORBIDDEN_PORT)))
        self.__class__.bus = machine.Bus()
        self.polkit.stop()
        self.__class__.polkit = machine.Polkit()
        self.daemon.wait_for_name()
        self.root = machine.Client()
        self.assertEqual(self.pending(), {})
        self.expect_held()

    def test_the_bus_is_another_when_the_daemon_comes_back(self):
        """On a new bus, the name of the maker may be anybody's."""
        KINDS["mode"].make(self.root, terms())
        self.daemon.end(signal.SIGKILL)
        self.bus.stop()
        self.__class__.bus = machine.Bus()
        self.polkit.stop()
        self.__class__.polkit = machine.Polkit()
        others = [machine.Client() for _ in range(20)]
        self.daemon.start()
        self.root = machine.Client()
        self.assertTrue(machine.wait_until(lambda: not self.pending()))
        self.expect_held()
        for other in others:
            other.close()

    def test_what_was_is_brought_back_although_files_have_changed(self):
        KINDS["mode"].make(self.root, terms())
        write_policy("usual", 'units = ["x.service"]\n')
        self.root.call("Revert", "sa{sv}", "", {})
        self.expect_held()
        self.assertEqual(self.root.get("State"), "degraded")
        self.root.call("Reload", "a{sv}", {})
        self.expect_free()
        self.assertEqual(self.root.get("State"), "enforcing")

    def test_undoing_is_tried_until_it_works(self):
        KINDS["mode"].make(self.root, terms())
        shutil.move(RUNTIME, "/run/elsewhere")
        with open(RUNTIME, "w"):
            pass
        self.expect_refused("Error.Failed", self.root.call, "Revert", "sa{sv}", "", {})
        self.assertTrue(self.daemon.said("cannot be undone yet"))
        self.assertTrue(self.pending())
        os.unlink(RUNTIME)
        shutil.move("/run/elsewhere", RUNTIME)
        self.assertTrue(machine.wait_until(lambda: not self.pending(), 40))
        self.expect_held()

    def test_without_a_record_there_is_no_probation(self):
        os.makedirs("/run/enforced/probation.json/in-the-way")
        before = self.known()
        self.expect_refused("Error.Failed", KINDS["mode"].make, self.root, terms())
        self.assertEqual(self.known(), before)
        self.expect_held()
        shutil.rmtree("/run/enforced/probation.json")

    def test_a_record_that_cannot_be_read_is_said(self):
        self.daemon.end()
        with open("/run/enforced/probation.json", "w") as file:
            file.write('{"version":1,"probation":[]}')
        self.daemon.start()
        self.assertTrue(self.daemon.said("whether a change is on probation is not known"))
        self.expect_held()


if __name__ == "__main__":
    case.main()
