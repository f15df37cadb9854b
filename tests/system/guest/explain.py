# SPDX-License-Identifier: GPL-2.0-or-later
"""What explain says of refusals: of each kind the right rule, file and line; and what it proposes, done as the text says,
permits that operation, while the operations next to it stay refused."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from explain_cases import CASES
from host import OUT, ROOT, Journal, Units, excerpt, read, run, wait_until, write
from peers import Peers

FIELD = re.compile(r" {1,8}([\w-]+): (.+)")
COPY = re.compile(r"Copy (\S+) to (\S+)\.")
PUT = re.compile(r"Put this into (\S+):")
REPLACE = re.compile(r"Replace the rule at line (\d+) of (\S+) by this:")
REMOVE = re.compile(r"Remove the rule at line (\d+) of (\S+)\.")
BEYOND = "It would permit as well: "
NONE = "There is no change that would permit just this: "
LAST = "Then: enforcectl reload"


def block(lines):
    """The indented text that these begin with, without what indents it."""
    end = next((number for number, line in enumerate(lines) if line and not line.startswith("  ")), len(lines))
    return "\n".join(line[2:] for line in lines[:end]).strip("\n") + "\n"


def replace_rule(file, number, text):
    """A rule ends where the next table begins."""
    lines = read(file).splitlines()
    end = next((at for at, line in enumerate(lines) if at >= number and line.startswith("[")), len(lines))
    write(file, "\n".join([*lines[:number - 1], *text.splitlines(), *lines[end:], ""]))


def follow(told):
    """Does to the files what an explanation says; returns what it said to do."""
    lines, done = told.splitlines(), []
    for number, line in enumerate(lines):
        if found := COPY.fullmatch(line):
            shutil.copy(*found.groups())
            done.append("copy")
        elif found := PUT.fullmatch(line):
            write(found[1], block(lines[number + 1:]))
            done.append("put")
        elif found := REPLACE.fullmatch(line):
            replace_rule(found[2], int(found[1]), block(lines[number + 1:]))
            done.append("replace")
        elif found := REMOVE.fullmatch(line):
            replace_rule(found[2], int(found[1]), "")
            done.append("remove")
    return done


def rest_of(told, beginning):
    """Of the line that begins so."""
    return next((line[len(beginning):] for line in told.splitlines() if line.startswith(beginning)), "")


class Explain:
    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon
        self.faults = {case.name: [] for case in CASES}

    def run(self):
        peers = Peers()
        for case in CASES:
            Units.write(case.unit, case.command())
        Units.reload()
        for case in CASES:
            for path, text in case.files().items():
                write(path, text)
        self.daemon.must_reload()
        journal = Journal()
        self.round("under the policy", lambda case: [case.word] * case.steps)
        events = self.events(journal)
        for case, told in self.explain(events):
            self.judge(case, told)
        run("enforcectl", "reload")
        self.round("with the change",
                   lambda case: [case.word] * (case.steps - 1) + ["allowed" if case.does else case.word])
        for case, told in self.explain(events):
            self.expect_permitted(case, told)
        self.forget()
        del peers
        for name, faults in self.faults.items():
            self.report.check(f"explain/{name}", faults)

    def round(self, when, words):
        os.makedirs(OUT, exist_ok=True)
        for case in CASES:
            case.furnish()
        Units.start(*(case.unit for case in CASES))
        for case in CASES:
            output = Units.output(case.unit)
            if [line[0] for line in output] != words(case):
                self.blame(case, f"{when}: {output}, expected {words(case)}")

    def blame(self, case, text):
        self.faults[case.name].append(text)

    def events(self, journal):
        """Ids of the cases' events, out of the journal."""
        ids = {}

        def complete():
            by_unit = journal.events()
            for case in CASES:
                ids.update((case.name, one["ENFORCED_EVENT"]) for one in by_unit.get(case.unit, []) if case.is_event(one))
            return len(ids) == len(CASES)

        if not wait_until(complete, 15, 0.5):
            by_unit = journal.events()
            for case in CASES:
                if case.name not in ids:
                    self.blame(case, f"there is no event of its own\n{excerpt(by_unit.get(case.unit, []))}")
        return ids

    def explain(self, events):
        """What enforcectl says of each event that there is."""
        def ask(case):
            return run("enforcectl", "explain", events[case.name], check=False)

        cases = [case for case in CASES if case.name in events]
        with ThreadPoolExecutor(2) as pool:
            for case, done in zip(cases, pool.map(ask, cases)):
                if done.returncode:
                    self.blame(case, f"enforcectl explain: status {done.returncode}\n{done.stdout}{done.stderr}")
                else:
                    yield case, done.stdout

    def judge(self, case, told):
        """And does what it says."""
        fields = [found.groups() for line in told.splitlines() if (found := FIELD.fullmatch(line))]
        rule, policy, place = case.place()
        wanted = [("Policy", policy), ("Rule", f"{rule}, {place}"), ("Now", case.now)]
        if case.refuses:
            wanted.append((case.refuses, f"{rule} of policy {policy}, {place}"))
        done = follow(told)
        faults = [f"it does not say {each}" for each in wanted if each not in fields]
        if fields and next((text for key, text in fields if key in ("deny", "kill")), None) != wanted[-1][1]:
            faults.append("another rule is the first that refuses it")
        if done != case.does:
            faults.append(f"it says to do {done}, expected {case.does}")
        if rest_of(told, BEYOND) != case.beyond or bool(rest_of(told, NONE)) == bool(case.does):
            faults.append(f"expected what else it would permit: {case.beyond!r}; or why there is nothing to do")
        if case.does and told.splitlines()[-1] != LAST:
            faults.append(f"it does not end with {LAST!r}")
        if faults:
            self.blame(case, "\n".join([*faults, told]))

    def expect_permitted(self, case, told):
        if f"{'Now':>9}: {case.after}" not in told.splitlines() or follow(told):
            self.blame(case, f"after the change, expected: {case.after}\n{told}")

    def forget(self):
        for case in CASES:
            for path in case.files():
                if os.path.exists(path):
                    os.unlink(path)
        self.daemon.forget()
        self.daemon.must_reload()
        shutil.rmtree(f"{ROOT}/explain", ignore_errors=True)
