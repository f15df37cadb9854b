#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Events of the past out of a journal, live ones to subscribers, and explanations. What the daemon writes is put into a
journal file here, with the fields by which journald says who wrote it."""

import glob
import os
import signal
import socket
import struct
import subprocess
import sys

from gi.repository import Gio, GLib

import case
import machine
from machine import FORBIDDEN_PORT, wait_until

MAKER = "/lib/systemd/systemd-journal-remote"
START = 1_700_000_000_000_000  # µs
BOOT = "0123456789abcdef0123456789abcdef"
WINDOW, ROOM = 128, 1024  # see Feed


def text(value):
    return GLib.Variant("s", value)


def number(value):
    return GLib.Variant("t", value)


def limit(value):
    return GLib.Variant("u", value)


class Journal:
    """The journal of this machine, of entries a second apart."""

    def __init__(self):
        with open("/etc/machine-id") as file:
            self.directory = f"/run/log/journal/{file.read().strip()}"
        self._data = b""
        self._time = START

    def add(self, fields, uid=0, unit="enforced.service"):
        # The bytes of values may be any.
        fields = dict(fields, _UID=str(uid), _SYSTEMD_UNIT=unit)
        self._data += (f"__REALTIME_TIMESTAMP={self._time}\n__MONOTONIC_TIMESTAMP={self._time - START + 1}\n"
                       f"_BOOT_ID={BOOT}\n").encode()
        for name, value in fields.items():
            value = value if isinstance(value, bytes) else value.encode()
            self._data += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
        self._data += b"\n"
        self._time += 1_000_000

    def write(self):
        os.makedirs(self.directory, exist_ok=True)
        self.remove()
        subprocess.run([MAKER, "-o", f"{self.directory}/system.journal", "-"], input=self._data, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def remove(self):
        for path in glob.glob(f"{self.directory}/*"):
            os.unlink(path)


class Listener(machine.Client):
    """One that keeps the signals that it is sent."""

    def __init__(self, uid=0):
        super().__init__(uid)
        self.heard = []
        self.connection.signal_subscribe(None, machine.MANAGER, None, None, None, Gio.DBusSignalFlags.NONE,
                                         lambda *signal: self.heard.append((signal[4], signal[5].unpack()[0])))

    def events(self):
        while GLib.MainContext.default().iteration(False):
            pass
        return [value for name, value in self.heard if name == "Event"]


class Events(case.BusCase):
    def setUp(self):
        super().setUp()
        self.journal = Journal()
        self.addCleanup(self.journal.remove)

    def listener(self, uid=0):
        listener = Listener(uid)
        self.addCleanup(listener.close)
        return listener

    def refuse(self, *ports):
        """Has the unit refused what it sends to these ports, and the journal told."""
        for port in ports:
            self.assertNotEqual(self.unit.send(port), 0)
        objects = {f"udp:127.0.0.1:{port}" for port in ports}
        self.assertTrue(wait_until(
            lambda: objects <= {entry.get("ENFORCED_OBJECT") for entry in self.daemon.entries()}))
        for entry in self.daemon.entries():
            if entry.get("ENFORCED_OBJECT") in objects:
                self.journal.add(entry)
        self.daemon.journal.clear()
        self.journal.write()

    def query(self, filter=None, options=None, client=None):
        return (client or self.root).call("QueryEvents", "a{sv}a{sv}", filter or {}, options or {})

    def objects(self, *arguments):
        return [event["object"].rpartition(":")[2] for event in self.query(*arguments)[0]]

    def test_an_event_is_found_with_all_that_is_known_of_it(self):
        self.refuse(FORBIDDEN_PORT)
        events, cursor, more = self.query()
        self.assertEqual(len(events), 1)
        self.assertFalse(more)
        event = events[0]
        self.assertEqual(cursor, event["cursor"])
        self.assertEqual(event["time-usec"], START)
        self.assertEqual(event["boot"], BOOT)
        self.assertEqual(event["unit"], self.unit.name)
        self.assertEqual(event["cgroup"], f"/{self.unit.name}")
        self.assertEqual((event["policy"], event["rule"]), ("usual", "network.default"))
        self.assertEqual((event["file"], event["line"]), (f"{machine.POLICIES}/usual.toml", 3))
        self.assertEqual((event["class"], event["verdict"], event["operation"]), ("network", "deny", "connect"))
        self.assertEqual(event["object"], f"udp:127.0.0.1:{FORBIDDEN_PORT}")
        self.assertEqual(event["count"], 1)
        self.assertEqual(len(event["id"]), 32)
        self.assertIn(f"udp:127.0.0.1:{FORBIDDEN_PORT}", event["message"])

    def test_filters_orders_and_pages(self):
        self.refuse(20, 21, 22, 23, 24)
        self.assertEqual(self.objects(), ["24", "23", "22", "21", "20"])
        self.assertEqual(self.objects({}, {"order": text("oldest")}), ["20", "21", "22", "23", "24"])
        self.assertEqual(self.objects({"since-usec": number(START + 1_000_000), "until-usec": number(START + 3_000_000)}),
                         ["23", "22", "21"])
        for key, good, bad in [("unit", self.unit.name, "x.service"), ("policy", "usual", "x"),
                               ("rule", "network.default", "file.rule[0]"), ("class", "network", "file"),
                               ("class", "network", "capability"), ("class", "network", "kernel"),
                               ("verdict", "deny", "kill"), ("boot", BOOT, "f" * 32)]:
            self.assertEqual(len(self.objects({key: text(good)})), 5, key)
            self.assertEqual(self.objects({key: text(bad)}), [], key)
        self.assertEqual(self.objects({"boot": text("current")}), [])
        for order in ["newest", "oldest"]:
            options = {"order": text(order), "limit": limit(2)}
            found, more = [], True
            while more:
                events, cursor, more = self.query({}, options)
                found += [int(event["object"].rpartition(":")[2]) for event in events]
                options["cursor"] = text(cursor)
            self.assertEqual(found, sorted([20, 21, 22, 23, 24], reverse=order == "newest"))

    def test_only_what_the_daemon_wrote_is_believed(self):
        self.refuse(30)
        forged = {"MESSAGE_ID": "2fcce86265134265bdbd52fe7f3e1f65", "MESSAGE": "refused", "ENFORCED_OBJECT": "x:31",
                  "ENFORCED_EVENT": "a" * 32}
        self.journal.add(forged, uid=1000)
        self.journal.add(forged, unit="user@0.service")
        self.journal.write()
        self.assertEqual(self.objects(), ["30"])
        self.expect_refused("NoSuchEvent", self.root.call, "Explain", "sa{sv}", "a" * 32, {})

    def test_what_is_not_utf_8_is_escaped(self):
        self.journal.add({"MESSAGE_ID": "2fcce86265134265bdbd52fe7f3e1f65", "MESSAGE": b"a\xffb",
                          "ENFORCED_OBJECT": b"/srv/\xff\n", "ENFORCED_EVENT": "a" * 32})
        self.journal.write()
        event = self.query()[0][0]
        self.assertEqual((event["message"], event["object"]), ("a\\xffb", "/srv/\\xff\n"))

    def test_bad_questions_are_refused(self):
        for filter in [{"unit": text("x")}, {"unit": text("../x.service")}, {"policy": text("-x")},
                       {"rule": text("a b")}, {"class": text("files")}, {"verdict": text("allow")},
                       {"boot": text("-1")}, {"boot": text("F" * 32)}, {"since-usec": text("yesterday")},
                       {"color": text("red")}]:
            self.expect_refused("InvalidArgs", self.query, filter)
        for options in [{"limit": limit(0)}, {"limit": limit(1001)}, {"order": text("best")},
                        {"cursor": text("x" * 513)}, {"cursor": text("nonsense")}, {"newest": text("yes")}]:
            self.expect_refused("InvalidArgs", self.query, {}, options)
        for filter in [{"since-usec": number(1)}, {"boot": text("current")}, {"unit": text("x")}]:
            self.expect_refused("InvalidArgs", self.root.call, "Subscribe", "a{sv}", filter)
        for event in ["", "x" * 513, "nonsense"]:
            self.expect_refused("InvalidArgs", self.root.call, "Explain", "sa{sv}", event, {})
        self.expect_refused("InvalidArgs", self.root.call, "Explain", "sa{sv}", "a" * 32, {"color": text("red")})
        self.expect_refused("NoSuchEvent", self.root.call, "Explain", "sa{sv}", "a" * 32, {})

    def test_an_explanation_names_the_rule_and_what_would_permit_it(self):
        self.refuse(FORBIDDEN_PORT)
        event = self.query()[0][0]
        explanation = self.root.call("Explain", "sa{sv}", event["cursor"], {})
        self.assertEqual(self.root.call("Explain", "sa{sv}", event["id"], {}), explanation)
        self.assertEqual(explanation["event"], event)
        for key in ["policy", "rule", "text", "file", "line"]:
            self.assertEqual(explanation[key], event[key])
        self.assertIs(explanation["still"], True)
        self.assertEqual(explanation["governed-by"], ["usual"])
        self.assertEqual(explanation["refused-by"], [("usual", "network.default", 'network.default = "deny"',
                                                      f"{machine.POLICIES}/usual.toml", 3, "deny")])
        self.assertEqual(explanation["allowed-by"],
                         [("usual", "network.connect.allow[0]", 'network.connect.allow = "udp:127.0.0.1:7"',
                           f"{machine.POLICIES}/usual.toml", 4, "it speaks of other ports")])
        self.assertNotIn("obstacle", explanation)
        self.assertNotIn("beyond", explanation)
        [(kind, policy, path, original, line, change)] = explanation["changes"]
        self.assertEqual((kind, policy, original, line), ("amend", "usual", "", 0))
        self.assertTrue(path.startswith(f"{machine.POLICIES}/usual.toml.d/"), path)

        machine.write_policy(os.path.basename(path)[:-len(".toml")], change, os.path.dirname(path))
        self.root.call("Reload", "a{sv}", {})
        self.expect_free()
        self.assertNotEqual(self.unit.send(FORBIDDEN_PORT + 1), 0)
        self.assertIs(self.root.call("Explain", "sa{sv}", event["id"], {})["still"], False)

    def test_subscribers_hear_what_they_want_and_others_nothing(self):
        self.allow("read-events")
        all_of_it, some, other, left = (self.listener(uid) for uid in [0, machine.NOBODY, machine.OTHER, 0])
        all_of_it.call("Subscribe", "a{sv}", {})
        some.call("Subscribe", "a{sv}", {"unit": text("x.service")})
        left.call("Subscribe", "a{sv}", {})
        left.call("Unsubscribe")
        self.refuse(40, 41)
        self.assertTrue(wait_until(lambda: len(all_of_it.events()) == 2))
        some.call("Subscribe", "a{sv}", {"unit": text(self.unit.name)})
        self.refuse(42)
        self.assertTrue(wait_until(lambda: len(all_of_it.events()) == 3 and len(some.events()) == 1))
        self.assertEqual(other.heard + left.heard, [])
        live, past = all_of_it.events()[-1], self.query()[0][0]
        self.assertEqual(live, some.events()[0])
        for key in ["cursor", "boot", "time-usec"]:
            past.pop(key)
        self.assertGreater(live.pop("time-usec"), START)
        self.assertEqual(live, past)
        self.assertIs(self.root.call("Explain", "sa{sv}", live["id"], {})["still"], True)

    def test_one_user_has_so_many_subscriptions(self):
        self.allow("read-events")
        clients = [self.user() for _ in range(17)]
        for client in clients[:16]:
            client.call("Subscribe", "a{sv}", {})
        clients[0].call("Subscribe", "a{sv}", {})
        self.expect_refused("LimitExceeded", clients[16].call, "Subscribe", "a{sv}", {})
        self.user(machine.OTHER).call("Subscribe", "a{sv}", {})
        clients[1].close()
        self.assertTrue(wait_until(lambda: self.subscribes(clients[16])))

    @staticmethod
    def subscribes(client):
        try:
            client.call("Subscribe", "a{sv}", {})
            return True
        except machine.Refused:
            return False

    def test_one_user_asks_so_much_at_a_time(self):
        self.refuse(50)
        answers = [self.root.begin("QueryEvents", "a{sv}a{sv}", {}, {}) for _ in range(60)]
        results = []
        for answer in answers:
            try:
                results.append(len(answer.wait()[0]))
            except machine.Refused as refusal:
                self.assertTrue(refusal.name.endswith("LimitExceeded"), str(refusal))
                results.append(None)
        self.assertEqual(results[:8], [1] * 8)
        self.assertIn(None, results)
        self.assertEqual(self.objects(), ["50"])

    def test_who_leaves_while_asked_for_leaves_nothing_behind(self):
        self.refuse(60)
        for _ in range(8):
            clients = [machine.Client() for _ in range(4)]
            answers = [client.begin("QueryEvents", "a{sv}a{sv}", {}, {}) for client in clients]
            self.assertTrue(answers)
            for client in clients:
                client.connection.flush_sync(None)
                client.close()
            # Whose call may lie where one of theirs lay, which is not known to be nobody's yet.
            self.assertTrue(wait_until(lambda: self.answers(machine.Client())))
        self.assertTrue(wait_until(lambda: not self.helpers()))

    def answers(self, client):
        try:
            return self.query(client=client)[0][0]["object"].endswith(":60")
        except machine.Refused:
            return False

    def helpers(self):
        with open(f"/proc/{self.daemon.process.pid}/task/{self.daemon.process.pid}/children") as file:
            return file.read().split()

    def test_who_does_not_read_is_dropped(self):
        reader = self.listener()
        reader.call("Subscribe", "a{sv}", {})
        with subprocess.Popen([sys.executable, __file__, "sleeper"], stdout=subprocess.PIPE, text=True) as sleeper:
            self.assertEqual(sleeper.stdout.readline(), "subscribed\n")
            sleeper.send_signal(signal.SIGSTOP)
            sent = 0
            while sent < 4 * (WINDOW + ROOM) and not self.daemon.said("does not read what it was sent"):
                self.send_to_many(1000 + sent, 100)
                sent += 100
                self.assertTrue(wait_until(lambda: len(reader.events()) >= sent), len(reader.events()))
            self.assertTrue(self.daemon.said("does not read what it was sent"))
            self.assertLess(sent, 2 * (WINDOW + ROOM))
            sleeper.send_signal(signal.SIGCONT)
            heard, unsent = (int(word) for word in sleeper.stdout.readline().split())
            self.assertLessEqual(heard, WINDOW)
            self.assertGreater(unsent, ROOM)
            sleeper.terminate()

    def send_to_many(self, first, count):
        """All of it by one process of the unit."""
        child = os.fork()
        if not child:
            with open(os.path.join(self.unit.path, "cgroup.procs"), "w") as file:
                file.write("0")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                for port in range(first, first + count):
                    try:
                        probe.sendto(b"x", ("127.0.0.1", port))
                    except OSError:
                        pass
            os._exit(0)
        os.waitpid(child, 0)


def sleep():
    """Subscribes, and says how much it heard before its subscription ended."""
    listener = Listener()
    listener.call("Subscribe", "a{sv}", {})
    print("subscribed", flush=True)
    while not any(name == "SubscriptionEnded" for name, _ in listener.heard):
        GLib.MainContext.default().iteration(True)
    print(len(listener.events()), next(value for name, value in listener.heard if name == "SubscriptionEnded"), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["sleeper"]:
        sleep()
        sys.exit()
    if not os.path.exists(MAKER):
        print(f"there is no {MAKER}; install systemd-journal-remote")
        sys.exit(77)
    case.main()
