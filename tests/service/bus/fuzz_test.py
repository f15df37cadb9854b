#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls everything that introspection shows, with whatever fits its signature and what does not, as a user and as root.
The daemon, which is built with sanitizers, neither ends nor stops answering, and a user changes nothing.
ENFORCED_FUZZ_SECONDS (8, in the long form 120) bounds each of the tests; ENFORCED_FUZZ_SEED repeats a run."""

import glob
import os
import pathlib
import random
import time
import xml.etree.ElementTree as ElementTree

from gi.repository import GLib

import case
import machine

SECONDS = float(os.environ.get("ENFORCED_FUZZ_SECONDS") or (120 if os.environ.get("ENFORCED_TEST_LONG") else 8))
SEED = int(os.environ.get("ENFORCED_FUZZ_SEED", str(time.time_ns())))
AT_ONCE = 8
LONGEST = 120.0  # s, until an answer counts as a hang; a sanitized daemon on a busy machine is slow
KEYS = ["timeout-usec", "keep", "unit", "policy", "rule", "class", "verdict", "since-usec", "until-usec", "boot", "order",
        "limit", "cursor", "", "x" * 300]
STRINGS = ["", "usual", "fresh", "x.service", "enforce", "audit", "off", "newest", "oldest", "deny", "current", "file.rule[0]",
           "../../etc/passwd", "/", "a" * 64, "a" * 65, "a" * 100_000, "\u202e", "\U0010ffff", "%s%n%s", "a\nb", "-", ".",
           machine.MANAGER, "org.enforced1.Policy", "State", "LogLevel", "debug", "null", "0123456789abcdef"]
NUMBERS = [0, 1, 2, 100, 1000, 999_999, 1_000_000, 600_000_000, 86_400_000_001, 2 ** 15, 2 ** 16, 2 ** 31 - 1, 2 ** 32 - 1,
           2 ** 63 - 1, 2 ** 64 - 1]
LIMITS = {"y": (0, 2 ** 8 - 1), "n": (-2 ** 15, 2 ** 15 - 1), "q": (0, 2 ** 16 - 1), "i": (-2 ** 31, 2 ** 31 - 1),
          "u": (0, 2 ** 32 - 1), "x": (-2 ** 63, 2 ** 63 - 1), "t": (0, 2 ** 64 - 1), "h": (0, 0)}
SIMPLE = ["s", "b", "u", "t", "x", "d", "o", "g", "y", "as", "a{sv}", "(st)", "v"]
ENOUGH = 40  # levels of variants in variants
COMPLAINTS = ["AddressSanitizer", "runtime error:", "LeakSanitizer"]


class Maker:
    """Makes values."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        paths = glob.glob(os.path.join(os.environ["ENFORCED_SOURCE"], "tests/policies/*/*.toml"))
        self.texts = [pathlib.Path(path).read_text(encoding="utf-8", errors="replace") for path in sorted(paths)]
        self.paths = ["/", machine.ROOT]

    def string(self):
        kind = self.random.random()
        if kind < 0.6:
            return self.random.choice(STRINGS)
        if kind < 0.8:
            return self.policy()
        return "".join(chr(self.random.choice([self.random.randint(1, 127), self.random.randint(0xa0, 0xd7ff)]))
                       for _ in range(self.random.randint(0, 40)))

    def policy(self):
        """A text that is, or nearly is, a policy."""
        text = self.random.choice(self.texts).replace("\0", "")
        for _ in range(self.random.randint(0, 3)):
            at = self.random.randint(0, len(text))
            text = text[:at] + self.random.choice(["[", "]", '"', "\\", "\n", "=", "{", "#", "**", "é", "1e999"]) + \
                text[at + self.random.randint(0, 5):]
        return text

    def value(self, signature, depth=0):
        """A value of one complete type."""
        first = signature[0]
        if first in LIMITS:
            low, high = LIMITS[first]
            return GLib.Variant(first, min(max(self.random.choice(NUMBERS), low), high))
        if first == "s":
            return GLib.Variant("s", self.string())
        if first == "b":
            return GLib.Variant("b", self.random.random() < 0.5)
        if first == "d":
            return GLib.Variant("d", self.random.choice([0.0, -1.5, 1e308, float("inf"), float("nan")]))
        if first == "o":
            return GLib.Variant("o", self.random.choice(self.paths))
        if first == "g":
            return GLib.Variant("g", self.random.choice(["", "s", "a{sv}", "(iiii)"]))
        if first == "v":
            return GLib.Variant("v", self.inner(depth))
        if signature.startswith("a{"):
            pairs = [GLib.Variant.new_dict_entry(self.key(signature[2]), self.value(signature[3:-1], depth + 1))
                     for _ in range(self.random.choice([0, 0, 1, 1, 2, 5]))]
            return GLib.Variant.new_array(GLib.VariantType(signature[1:]), pairs)
        if first == "a":
            return GLib.Variant.new_array(GLib.VariantType(signature[1:]),
                                          [self.value(signature[1:], depth + 1) for _ in range(self.random.choice([0, 1, 3]))])
        return GLib.Variant.new_tuple(*[self.value(part, depth + 1) for part in split(signature[1:-1])])

    def key(self, signature):
        return GLib.Variant("s", self.random.choice(KEYS)) if signature == "s" else self.value(signature)

    def inner(self, depth):
        deeper = depth < ENOUGH and self.random.random() < 0.3
        return self.value("v" if deeper else self.random.choice(SIMPLE[:-1]), depth + 1)

    def arguments(self, signature):
        """For a method: mostly what it takes."""
        if self.random.random() < 0.1:
            signature = "".join(self.random.choice(SIMPLE) for _ in range(self.random.randint(0, 4)))
        return GLib.Variant.new_tuple(*[self.value(part) for part in split(signature)])


def split(signature):
    """The complete types of a signature."""
    types = []
    while signature:
        types.append(next(signature[:end] for end in range(1, len(signature) + 1)
                          if GLib.VariantType.string_is_valid(signature[:end])))
        signature = signature[len(types[-1]):]
    return types


class Fuzz(case.BusCase):
    def walk(self, path, found):
        """Every method of every object: path, interface, name, signature."""
        text = self.root.call("Introspect", path=path, interface="org.freedesktop.DBus.Introspectable")
        node = ElementTree.fromstring(text)
        for interface in node.findall("interface"):
            for method in interface.findall("method"):
                signature = "".join(arg.get("type") for arg in method.findall("arg") if arg.get("direction") != "out")
                found.append((path, interface.get("name"), method.get("name"), signature))
            for property_ in interface.findall("property"):
                found.append((path, interface.get("name"), property_.get("name"), None))
        for child in node.findall("node"):
            self.walk(f"{path.rstrip('/')}/{child.get('name')}", found)
        return found

    def throw(self, maker, client, member):
        """Begins one call."""
        path, interface, name, signature = member
        if signature is None:  # a property
            interface, name, wanted = machine.PROPERTIES, maker.random.choice(["Get", "Set", "GetAll"]), (interface, name)
            if name == "GetAll":
                wanted = wanted[:1]
            arguments = [GLib.Variant("s", text) for text in wanted]
            if name == "Set":
                arguments.append(GLib.Variant("v", maker.inner(0)))
            arguments = GLib.Variant.new_tuple(*arguments)
        else:
            arguments = maker.arguments(signature)
        if maker.random.random() < 0.02:
            path = maker.random.choice(maker.paths + ["/nowhere", f"{machine.ROOT}/policy/nothing"])
        return machine.Answer(client.connection, machine.BUS_NAME, path, interface, name, arguments,
                              maker.random.random() < 0.5, LONGEST)

    def expect_alive(self, what):
        self.assertIsNone(self.daemon.process.poll(), f"after {what}, seed {SEED}:\n{self.daemon.output()[-5000:]}")

    def finish(self, answer, what):
        try:
            answer.wait(LONGEST + 10)
        except machine.Refused as refusal:
            self.expect_alive(what)
            self.assertNotIn("NoReply", refusal.name, f"{what} hangs, seed {SEED}")

    def fuzz(self, uid):
        """Until the time is up, and once through everything at least, with some calls under way at any time, some of
        whose callers leave."""
        maker = Maker(SEED + uid)
        members = self.walk("/", [])
        self.assertGreater(len(members), 60)
        maker.paths += sorted({path for path, *_ in members})
        client, under_way, count = self.user(uid), [], 0
        end = time.monotonic() + SECONDS
        order = list(members)
        while time.monotonic() < end or order:
            if not order:
                order = list(members)
                maker.random.shuffle(order)
            member = order.pop()
            under_way.append((self.throw(maker, client, member), member))
            count += 1
            if len(under_way) >= AT_ONCE:
                self.finish(*under_way.pop(0))
            if maker.random.random() < 0.005:
                client.close()
                client, under_way = self.user(uid), []
        for answer, member in under_way:
            self.finish(answer, member)
        self.root.call("Ping", interface="org.freedesktop.DBus.Peer", timeout=LONGEST)
        self.expect_alive("all of it")
        self.expect_no_complaint()
        print(f"{count} calls as uid {uid}, seed {SEED}")

    def expect_no_complaint(self):
        for mark in COMPLAINTS:
            self.assertNotIn(mark, self.daemon.output(), f"seed {SEED}")

    def recover(self):
        """Whatever was done, what the files say comes into force when that is asked for."""
        if self.root.get("Probation"):
            self.root.call("Revert", "sa{sv}", "", {}, timeout=LONGEST)
        self.clear()
        self.root.call("Reload", "a{sv}", {}, timeout=LONGEST)
        self.expect_held()

    def test_the_daemon_is_built_with_sanitizers(self):
        program = pathlib.Path(os.environ["ENFORCED"]).read_bytes()
        for part in [b"__asan_init", b"__ubsan_handle"]:
            self.assertIn(part, program)

    def test_a_user_who_may_nothing(self):
        before = self.state()
        self.fuzz(machine.NOBODY)
        self.assertEqual(self.state(), before)
        self.expect_held()

    def test_a_user_who_may_look(self):
        self.allow("read-state", "read-events")
        before = self.state()
        self.fuzz(machine.NOBODY)
        self.assertEqual(self.state(), before)
        self.expect_held()

    def test_a_user_who_may_everything(self):
        self.allow_all()
        self.fuzz(machine.NOBODY)
        self.recover()

    def test_root(self):
        self.fuzz(0)
        self.recover()

    def tearDown(self):
        super().tearDown()
        self.expect_no_complaint()  # at the end, too


if __name__ == "__main__":
    os.environ.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    case.main()
