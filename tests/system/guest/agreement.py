# SPDX-License-Identifier: GPL-2.0-or-later
"""Random policies, each against a random script of operations in a unit: the kernel answers each operation as the
evaluator says it will. What the unit has done changes what there is to be done, and that is kept account of here."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field

from file_cases import ACCESSES
from host import OUT, POLICIES, PROBE, ROOT, Units, run, write
from randomness import CAPABILITIES, Policies

ORACLE = "/opt/enforced-test/oracle"
HERE = f"{ROOT}/agreement"
DRAFTS = "/run/et-drafts"
SEVERITY = ("allow", "deny", "kill")
WORDS = {"allow": "allowed", "deny": "refused", "kill": "killed"}
FOLDERS = ("a", "b", "a/b", "b/a")
FILES = ("f", "g", "fg", "gf", "f.g")


def severest(*answers):
    return max(answers, key=SEVERITY.index)


@dataclass
class Entry:
    """What is at a name, and the name by which the kernel may know it besides."""
    kind: str         # folder, file or pipe
    known: str = ""


@dataclass
class Script:
    """What one unit tries, and what is to come of it."""
    unit: str
    steps: list = field(default_factory=list)  # (words, errno, answers that are right)

    def argv(self):
        words = []
        for tried, errno, _ in self.steps:
            words += ["+"] * bool(words) + (["--errno", errno] if errno != "EACCES" else []) + ["--fork", *tried]
        return [PROBE, *words]


class Oracle:
    def __init__(self, directory):
        self.process = subprocess.Popen([ORACLE, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, unit, operation, thing):
        self.process.stdin.write(f"{unit}\t{operation}\t{thing}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer not in SEVERITY:
            raise RuntimeError(f"the oracle says {answer} of {operation} {thing}")
        return answer


class Author:
    """Writes a script: each operation would work by itself, given what those before it did."""

    def __init__(self, dice, oracle, unit, root):
        self.dice = dice
        self.oracle = oracle
        self.script = Script(unit)
        self.root = root
        self.there = {f"{root}/{folder}": Entry("folder") for folder in FOLDERS}
        self.there |= {f"{root}/{folder}/{name}": Entry("file") for folder in FOLDERS for name in FILES if dice.randrange(3)}
        self.port = 7000

    def furnish(self):
        """What is there at first."""
        for path, entry in self.there.items():
            if entry.kind == "folder":
                os.makedirs(path, exist_ok=True)
            else:
                write(path, "content\n")

    def write(self, steps):
        kinds = (self.open, self.open, self.make, self.make, self.remove, self.rename, self.rename, self.link, self.attribute,
                 self.list, self.network, self.network, self.capability, self.kernel)
        while len(self.script.steps) < steps:
            self.dice.choice(kinds)()
        return self.script

    def ask(self, operation, thing):
        return self.oracle.ask(self.script.unit, operation, thing)

    def at(self, access, name):
        """What becomes of an access to what is at a name."""
        known = self.there[name].known if name in self.there else ""
        return severest(self.ask(access, name), self.ask(f"identity {access}", known) if known else "allow")

    def expect(self, words, *answers, errno="EACCES"):
        """One of the answers is right. Returns whether the operation is done."""
        self.script.steps.append((words, errno, [WORDS[answer] for answer in answers]))
        return "allow" in answers

    def names(self, kind):
        return sorted(name for name, entry in self.there.items() if entry.kind == kind)

    def file(self):
        return self.dice.choice(self.names("file") or [None])

    def fresh(self):
        """A name in a directory that is there, where nothing is."""
        return next((name for name in (f"{self.dice.choice(self.names('folder'))}/{self.dice.choice(FILES)}" for _ in range(20))
                     if name not in self.there), None)

    def open(self):
        name = self.file()
        if name:
            operation, access = self.dice.choice([("read", "read"), ("write", "write"), ("truncate", "write")])
            self.expect([operation, name], self.at(access, name))

    def make(self):
        name = self.fresh()
        if not name:
            return
        operation = self.dice.choice(["create", "mknod", "mkdir"])
        answer = self.ask("create", name)
        if operation == "create" and answer == "allow":
            # It is made, and then opened for writing.
            self.expect([operation, name], self.ask("write", name))
        else:
            self.expect([operation, name], answer)
        if answer == "allow":
            self.there[name] = Entry({"create": "file", "mkdir": "folder", "mknod": "pipe"}[operation])

    def remove(self):
        name = self.file()
        if name and self.expect(["unlink", name], self.at("delete", name)):
            del self.there[name]

    def attribute(self):
        name = self.file()
        if name:
            self.expect([self.dice.choice(["chmod", "utimes", "setxattr"]), name], self.at("attr", name))

    def list(self):
        name = self.dice.choice(self.names("folder"))
        self.expect(["list", name], self.ask("read", name))

    def gets(self, old, new, access):
        """What becomes of giving what is at `old` the name `new`: never does it get more access than it had."""
        answers = [self.at(access, old), self.ask("create", new), self.ask("write", new)]
        if new in self.there and access == "rename":
            answers.append(self.ask("delete", new))
        more = [one for one in ACCESSES
                if self.ask(one, new) == "allow" and self.ask(one, old) != "allow"]
        if more:
            answers.append(self.at(more[0], old))
        return severest(*answers)

    def rename(self):
        old, new = self.file(), self.dice.choice([self.fresh(), self.file()])
        if not old or not new or old == new or (self.there.get(new) and self.there[old].known):
            return
        if self.expect(["rename", old, new], self.gets(old, new, "rename")):
            self.there[new] = Entry("file", self.there.pop(old).known or old)

    def link(self):
        old, new = self.file(), self.fresh()
        if old and new and self.expect(["link", old, new], self.gets(old, new, "link")):
            known = self.there[old].known or old
            self.there[old].known = known
            self.there[new] = Entry("file", known)

    def network(self):
        protocol = self.dice.choice(["tcp", "udp"])
        address = self.dice.choice(["127.0.0.1", "127.0.0.2", "127.0.0.5", "::1"])
        port = str(self.dice.randrange(7000, 7006))
        spelled = f"{protocol}:{f'[{address}]' if ':' in address else address}:{port}"
        if self.dice.randrange(2):
            self.expect(["connect", "udp", address, port], self.ask("connect", spelled.replace("tcp", "udp")))
        else:
            self.expect(["bind", protocol, address, port], self.ask("bind", spelled))

    def capability(self):
        name = self.dice.choice(CAPABILITIES)
        self.expect(["cap", name, "-"], self.ask("capability", name), errno="EPERM")

    def kernel(self):
        words, key = self.dice.choice([(["ring"], "io-uring"), (["addkey", "process"], "keyring")])
        self.expect(words, self.ask(key, "-"), errno="EPERM")


class Agreement:
    def __init__(self, report, daemon, count, seed=1):
        self.report = report
        self.daemon = daemon
        self.policies = Policies(seed, HERE, PROBE)
        self.count = count

    def run(self):
        texts = self.draft()
        for name, text in texts.items():
            self.daemon.policy(name, text)
        oracle = Oracle(POLICIES)
        authors = [Author(self.policies.dice, oracle, f"eta-{number}.service", f"{HERE}/{number}")
                   for number in range(self.policies.units)]
        shutil.rmtree(HERE, ignore_errors=True)
        os.makedirs(OUT, exist_ok=True)
        for author in authors:
            author.furnish()
            Units.write(author.script.unit, author.write(40).argv(), "PrivateNetwork=yes")
        Units.reload()
        self.daemon.must_reload()
        for first in range(0, len(authors), 20):
            Units.start(*(author.script.unit for author in authors[first:first + 20]))
        operations = refused = 0
        for author in authors:
            faults = self.compare(author.script)
            operations += len(author.script.steps)
            refused += sum(line[0] != "allowed" for line in Units.output(author.script.unit))
            self.report.check(f"agreement/{author.script.unit}", faults and [*faults, *self.shown(texts, author.script.unit)])
        self.report.check(f"agreement/{len(texts)} policies, {operations} operations, {refused} of them refused",
                          "" if operations / 5 < refused < operations * 4 / 5 else "hardly a comparison")
        oracle.process.kill()
        self.daemon.forget()
        self.daemon.must_reload()

    def draft(self):
        """So many policies that are good, by name."""
        good = {}
        while len(good) < self.count:
            shutil.rmtree(DRAFTS, ignore_errors=True)
            drafts = {f"et-agreement-{len(good) + number}": self.policies.text(len(good) + number)
                      for number in range(self.count - len(good))}
            for name, text in drafts.items():
                write(f"{DRAFTS}/{name}.toml", text)
            said = run(ORACLE, "--check", DRAFTS).stdout
            names = [line.split("\t")[0] for line in said.splitlines() if line.endswith("\tgood")]
            for name in names:
                good[f"et-agreement-{len(good)}"] = drafts[name]
        return good

    @staticmethod
    def compare(script):
        lines = Units.output(script.unit)
        faults = [f"{len(lines)} lines for {len(script.steps)} operations"] if len(lines) != len(script.steps) else []
        for (words, errno, right), line in zip(script.steps, lines):
            if line[0] not in right:
                faults.append(f"{' '.join(words)}: {' '.join(line)}, expected {' or '.join(right)} ({errno})")
                break  # what follows goes by another state than there is
        return faults

    @staticmethod
    def shown(texts, unit):
        return [line for text in texts.values() if f'"{unit}"' in text for line in text.splitlines()]
