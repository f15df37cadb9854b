#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate: for each method and each writable property of the contract, who is refused changes nothing, who is allowed
gets what was asked for, a question without an answer holds up nobody else, and who leaves meanwhile changes nothing."""

import os
import xml.etree.ElementTree as ElementTree

from gi.repository import GLib

import case
import machine

LOG = "/org/freedesktop/LogControl1"
READ, EVENTS, CHANGE, WEAKEN, PERMANENT = (
    "read-state", "read-events", "change-runtime-policy", "weaken-enforcement", "make-permanent")


class Sample:
    """A call that works, the action that it takes, and what has to be there before."""

    def __init__(self, action, signature="", *arguments, before=None, path=machine.ROOT,
                 interface=machine.MANAGER, method=None, answers=()):
        self.action = action
        self.signature = signature
        self.arguments = arguments
        self.before = before
        self.path = path
        self.interface = interface
        self.method = method
        self.answers = answers  # errors that only who was let through gets


def loaded(test):
    test.root.call("LoadPolicy", "ssa{sv}", "fresh", machine.usual_policy("x.service"), {})


def on_probation(test):
    test.root.call("SetMode", "ssa{sv}", "usual", "audit",
                   {"timeout-usec": GLib.Variant("t", 600_000_000), "keep": GLib.Variant("b", True)})


def log_sample(name, value):
    return Sample(CHANGE, "ssv", "org.freedesktop.LogControl1", name, GLib.Variant("s", value), path=LOG,
                  interface=machine.PROPERTIES, method="Set")


FRESH = machine.usual_policy("x.service")
SAMPLES = {
    "Reload": [Sample(CHANGE, "a{sv}", {})],
    "Check": [Sample(READ, "ssa{sv}", "fresh", FRESH, {})],
    "LoadPolicy": [Sample(CHANGE, "ssa{sv}", "fresh", FRESH, {}),
                   Sample(WEAKEN, "ssa{sv}", "fresh", FRESH + "# other\n", {}, before=loaded)],
    "UnloadPolicy": [Sample(WEAKEN, "sa{sv}", "fresh", {}, before=loaded)],
    "SetMode": [Sample(WEAKEN, "ssa{sv}", "usual", "off", {}), Sample(WEAKEN, "ssa{sv}", "usual", "audit", {}),
                Sample(WEAKEN, "ssa{sv}", "usual", "", {}), Sample(CHANGE, "ssa{sv}", "usual", "enforce", {})],
    "MakePermanent": [Sample(PERMANENT, "sa{sv}", "fresh", {}, before=loaded)],
    "Release": [Sample(WEAKEN, "a{sv}", {})],
    "Confirm": [Sample(WEAKEN, "sa{sv}", "", {}, before=on_probation)],
    "Revert": [Sample(WEAKEN, "sa{sv}", "", {}, before=on_probation)],
    "GetPolicyByName": [Sample(READ, "s", "usual")],
    "GetUnitByName": [Sample(READ, "s", f"enforced-test-{os.getpid()}.service")],
    "TryFeatures": [Sample(READ, "a{sv}", {})],
    "DumpState": [Sample(READ, "a{sv}", {})],
    "QueryEvents": [Sample(EVENTS, "a{sv}a{sv}", {}, {})],
    "Explain": [Sample(EVENTS, "sa{sv}", "0" * 32, {}, answers=["NoSuchEvent"])],
    "Subscribe": [Sample(EVENTS, "a{sv}", {})],
    "LogLevel": [log_sample("LogLevel", "debug")],
    "LogTarget": [log_sample("LogTarget", "null")],
}
FOR_EVERYONE = ["Unsubscribe"]
READ_BY_EVERYONE = ["Version", "State"]


def contract(name):
    path = os.path.join(os.environ["ENFORCED_SOURCE"], f"dbus/{name}.xml")
    return ElementTree.parse(path).getroot().find("interface")


class Gate(case.BusCase):
    def call(self, client, name, sample, begin=False):
        return (client.begin if begin else client.call)(
            sample.method or name, sample.signature, *sample.arguments, path=sample.path, interface=sample.interface)

    def expect_permitted(self, client, name, sample):
        try:
            self.call(client, name, sample)
        except machine.Refused as refusal:
            self.assertTrue(refusal.name.endswith(tuple(sample.answers) or "nothing"), str(refusal))

    def walk(self, check, changes=True):
        """Every sample, on a state that no other has changed."""
        fresh = True
        for name, samples in SAMPLES.items():
            for sample in samples:
                with self.subTest(name, arguments=sample.arguments):
                    if not fresh:
                        self.begin_anew()
                    fresh = not (changes or sample.before)
                    if sample.before:
                        sample.before(self)
                    check(name, sample)

    def begin_anew(self):
        self.daemon.end()
        self.daemon.run("--release")
        self.clear()
        self.daemon.start()

    def test_every_member_of_the_contract_has_a_sample(self):
        members = {method.get("name") for method in contract("org.enforced1.Manager").findall("method")}
        members |= {member.get("name") for name in ["Manager", "Policy", "Unit"]
                    for member in contract(f"org.enforced1.{name}").findall("property")
                    if "write" in member.get("access")}
        members |= {member.get("name") for member in contract("org.freedesktop.LogControl1").findall("property")
                    if "write" in member.get("access")}
        self.assertEqual(members, set(SAMPLES) | set(FOR_EVERYONE))

    def test_who_is_refused_changes_nothing(self):
        def check(name, sample):
            user = self.user()
            before = self.state()
            # Whatever else is allowed.
            self.allow(*(action for action in case.ACTIONS if action != sample.action))
            message = self.expect_refused("Error.AccessDenied", self.call, user, name, sample)
            self.assertIn(f"org.enforced1.{sample.action}", message)
            self.assertEqual(self.state(), before)
        self.walk(check, changes=False)

    def test_who_is_allowed_gets_it(self):
        def check(name, sample):
            self.allow(sample.action)
            self.expect_permitted(self.user(), name, sample)
        self.walk(check)

    def test_root_is_not_asked(self):
        self.walk(lambda name, sample: self.expect_permitted(self.root, name, sample))

    def test_a_question_without_answer_holds_up_nobody_and_who_leaves_changes_nothing(self):
        def check(name, sample):
            self.allow_all()
            self.polkit.hang(True)
            user, other = self.user(), self.user(machine.OTHER)
            before = self.state()
            answer = self.call(user, name, sample, begin=True)
            self.assertTrue(machine.wait_until(self.polkit.hangs))
            self.assertEqual(other.get("State"), before[1]["State"])
            self.assertEqual(self.state(), before)
            self.assertFalse(answer.there())
            user.close()
            self.assertTrue(machine.wait_until(lambda: not self.is_on_bus(user.name)))
            self.polkit.hang(False)
            self.polkit.release()
            self.polkit.hangs()  # it has answered by now
            self.root.get("Status")
            self.assertEqual(self.state(), before)
        self.walk(check, changes=False)

    def is_on_bus(self, name):
        return self.root.call("NameHasOwner", "s", name, path="/org/freedesktop/DBus",
                              interface="org.freedesktop.DBus", destination="org.freedesktop.DBus")

    def test_properties_are_read_by_who_may(self):
        paths = {"Manager": machine.ROOT, "Policy": "/org/enforced1/policy/usual",
                 "Unit": self.root.call("GetUnitByName", "s", self.unit.name)}
        user = self.user()
        for name, path in paths.items():
            interface = f"org.enforced1.{name}"
            for member in contract(interface).findall("property"):
                with self.subTest(interface, property=member.get("name")):
                    if name == "Manager" and member.get("name") in READ_BY_EVERYONE:
                        user.get(member.get("name"))
                        continue
                    self.polkit.allow()
                    self.expect_refused("Error.AccessDenied", user.get, member.get("name"), path, interface)
                    self.allow(READ)
                    user.get(member.get("name"), path, interface)
            for all_of in [interface, ""]:
                self.polkit.allow()
                self.expect_refused("Error.AccessDenied", user.call, "GetAll", "s", all_of, path=path,
                                    interface=machine.PROPERTIES)
                self.allow(READ)
                self.assertTrue(user.call("GetAll", "s", all_of, path=path, interface=machine.PROPERTIES))

    def test_nothing_goes_past_the_gate(self):
        user = self.user()
        self.expect_refused("Error.AccessDenied", user.call, "GetManagedObjects",
                            interface="org.freedesktop.DBus.ObjectManager")
        # A property that can only be read, and one of an interface that the object does not have.
        self.expect_refused("Error.UnknownProperty", user.call, "Set", "ssv", machine.MANAGER, "State",
                            GLib.Variant("s", "idle"), interface=machine.PROPERTIES)
        self.expect_refused("Error.UnknownProperty", user.get, "Frobnication")
        # Without an interface, sd-bus would look for a method in all of them.
        message = machine.Gio.DBusMessage.new_method_call(machine.BUS_NAME, machine.ROOT, None, "Reload")
        message.set_body(GLib.Variant("(a{sv})", ({},)))
        answer, _ = user.connection.send_message_with_reply_sync(message, 0, 10_000, None)
        self.assertIn(answer.get_error_name(), ["org.freedesktop.DBus.Error.UnknownMethod",
                                                "org.freedesktop.DBus.Error.AccessDenied"])
        user.call("Ping", interface="org.freedesktop.DBus.Peer")
        user.call("Introspect", interface="org.freedesktop.DBus.Introspectable")

    def test_a_challenge_needs_a_call_that_allows_it(self):
        self.polkit.stop()
        self.__class__.polkit = Challenging()
        self.addCleanup(self.restore_polkit)
        user = self.user()
        self.expect_refused("InteractiveAuthorizationRequired", user.call, "Reload", "a{sv}", {})
        self.expect_refused("AccessDenied", user.call, "Reload", "a{sv}", {}, interactive=True)
        self.assertEqual(self.polkit.flags(), [0, 1])

    def test_without_polkit_only_root_may(self):
        self.polkit.stop()
        self.addCleanup(self.restore_polkit)
        message = self.expect_refused("AccessDenied", self.user().call, "Reload", "a{sv}", {})
        self.assertIn("polkit", message)
        self.root.call("Reload", "a{sv}", {})

    def restore_polkit(self):
        self.polkit.stop()
        self.__class__.polkit = machine.Polkit()

    def test_what_is_asked_about_is_what_is_done(self):
        """Between question and answer the policy comes into being: what was allowed was to load a new one."""
        self.allow(CHANGE)
        self.polkit.hang(True)
        user = self.user()
        answer = user.begin("LoadPolicy", "ssa{sv}", "fresh", 'units = ["x.service"]\n', {})
        self.assertTrue(machine.wait_until(self.polkit.hangs))
        loaded(self)
        self.polkit.hang(False)
        self.polkit.release()
        self.expect_refused("AccessDenied", answer.wait)
        with open(f"{machine.RUNTIME}/fresh.toml") as file:
            self.assertEqual(file.read(), FRESH)

    def test_open_questions_of_one_user_are_bounded(self):
        self.polkit.hang(True)
        user, other = self.user(), self.user(machine.OTHER)
        answers = [user.begin("Reload", "a{sv}", {}) for _ in range(16)]
        self.assertTrue(machine.wait_until(self.polkit.hangs))
        self.expect_refused("Error.LimitExceeded", user.call, "Reload", "a{sv}", {})
        self.expect_refused("Error.LimitExceeded", self.user().call, "Reload", "a{sv}", {})
        one_more = other.begin("Reload", "a{sv}", {})
        self.root.call("Reload", "a{sv}", {})
        self.assertFalse(one_more.there())
        self.polkit.hang(False)
        self.polkit.release()
        for answer in answers + [one_more]:
            self.expect_refused("AccessDenied", answer.wait)
        self.expect_refused("AccessDenied", user.call, "Reload", "a{sv}", {})


class Challenging(machine.Polkit):
    """A polkit that would have to ask somebody, and remembers whether it may."""

    def __init__(self):
        super().__init__()
        code = "args[0] and None; ret = (False, True, {})"
        self.tell("AddMethod", "sssss", "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
                  "(sa{sv})sa{ss}us", "(bba{ss})", code)

    def flags(self):
        calls = self.tell("GetMethodCalls", "s", "CheckAuthorization")
        return [arguments[3] for _, arguments in calls]


if __name__ == "__main__":
    case.main()
