#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""enforcectl events and explain, of a journal file that is made of what the daemon writes."""

import json
import os
import signal
import subprocess

import case
import ctl
import machine
from events_test import Journal
from machine import FORBIDDEN_PORT, wait_until


class EnforcectlEvents(ctl.CtlCase):
    def setUp(self):
        super().setUp()
        self.journal = Journal()
        self.addCleanup(self.journal.remove)

    def refuse(self, *ports):
        for port in ports:
            self.assertNotEqual(self.unit.send(port), 0)
        objects = {f"udp:127.0.0.1:{port}" for port in ports}
        self.assertTrue(wait_until(lambda: objects <= {entry.get("ENFORCED_OBJECT") for entry in self.daemon.entries()}))
        for entry in self.daemon.entries():
            if entry.get("ENFORCED_OBJECT") in objects:
                self.journal.add(entry)
        self.daemon.journal.clear()
        self.journal.write()

    def ports(self, *arguments):
        return [event["object"].rpartition(":")[2] for event in self.json("events", *arguments)]

    def test_events_are_shown_as_they_happened(self):
        self.refuse(20, 21, 22)
        self.assertEqual(self.ports(), ["20", "21", "22"])
        self.assertEqual(self.ports("--reverse"), ["22", "21", "20"])
        self.assertEqual(self.ports("-n", "2"), ["21", "22"])
        self.assertEqual(self.ports("-n", "all"), ["20", "21", "22"])
        self.assertEqual(self.ports("-u", self.unit.name, "-p", "usual", "--class", "network", "--verdict", "deny"),
                         ["20", "21", "22"])
        self.assertEqual(self.ports("-u", "other"), [])
        self.assertEqual(self.ports("-S", "@1700000001", "-U", "@1700000001"), ["21"])
        self.assertEqual(self.ports("--boot"), [])
        first = self.json("events")[0]
        self.assertEqual(self.ports("--after-cursor", first["cursor"]), ["21", "22"])
        lines = self.good("events", "--ids").splitlines()
        self.assertEqual(len(lines), 6)
        self.assertIn(f"{self.unit.name}: refused: ", lines[0])
        self.assertEqual(lines[1].strip(), first["id"])

    def test_what_would_not_fit_one_page_is_fetched_in_several(self):
        for port in range(1, 1101):
            self.journal.add({"MESSAGE_ID": "2fcce86265134265bdbd52fe7f3e1f65", "MESSAGE": "refused",
                              "ENFORCED_OBJECT": f"x:{port}", "ENFORCED_EVENT": f"{port:032x}"})
        self.journal.write()
        everything = [str(port) for port in range(1, 1101)]
        self.assertEqual(self.ports("-n", "all"), everything)
        self.assertEqual(self.ports("-n", "1050"), everything[-1050:])
        self.assertEqual(self.ports("-n", "all", "-r"), everything[::-1])
        self.assertEqual(self.ports(), everything[-100:])

    def test_a_follower_hears_what_happens_also_after_a_restart(self):
        self.refuse(20)
        follower = subprocess.Popen([os.environ["ENFORCECTL"], "events", "-f", "--json=short"], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, env={"DBUS_SYSTEM_BUS_ADDRESS": machine.ADDRESS})
        self.addCleanup(follower.kill)

        def heard():
            return json.loads(follower.stdout.readline())["object"].rpartition(":")[2]

        self.assertEqual(heard(), "20")
        self.unit.send(21)
        self.assertEqual(heard(), "21")
        self.daemon.end()
        self.daemon.start()
        self.assertIn("waiting for it to come back", follower.stderr.readline())
        # It may subscribe a moment after the daemon is there.
        self.assertTrue(wait_until(lambda: self.unit.send(22) and self.readable(follower.stdout)))
        self.assertEqual(heard(), "22")
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=machine.PATIENCE)

    @staticmethod
    def readable(stream):
        import select
        return bool(select.select([stream], [], [], 1)[0])

    def test_an_explanation_names_the_rule_and_what_would_permit_it(self):
        self.refuse(FORBIDDEN_PORT)
        event = self.json("events")[0]
        for arguments in [[event["id"]], [event["cursor"]], [], ["-u", self.unit.name]]:
            output = self.good("explain", *arguments)
            for part in ["Policy: usual", f"network.default, {machine.POLICIES}/usual.toml:3",
                         "what is in force would refuse it again", "To permit this", "enforcectl reload"]:
                self.assertIn(part, output)
        explained = self.json("explain", event["id"])
        self.assertEqual((explained["event"]["id"], explained["still"]), (event["id"], True))
        change = explained["changes"][0]
        self.assertEqual(change["kind"], "amend")
        os.makedirs(os.path.dirname(change["file"]), exist_ok=True)
        with open(change["file"], "w") as file:
            file.write(change["text"])
        self.good("reload")
        self.expect_free()
        self.assertIn("would permit it", self.good("explain", event["id"]))

    def test_without_an_event_there_is_nothing_to_explain(self):
        self.journal.write()
        self.assertIn("nothing was refused", self.fails(ctl.EXIT_FAILED, "explain"))
        self.assertIn("enforcectl events --ids", self.fails(ctl.EXIT_FAILED, "explain", "a" * 32))
        self.assertEqual(self.ctl("explain", "x", "-u", "y")[0], 2)


if __name__ == "__main__":
    case.main()
