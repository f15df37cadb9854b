# SPDX-License-Identifier: GPL-2.0-or-later
"""What `enforced --features` says of this kernel, and that docs/kernels.md says the same of it."""

import os

from host import LOADING, read, run

TABLE = "/opt/enforced-test/kernels.md"
KEYS, HOOKS = "## Keys", "## Hooks"


class Features:
    """Keys and hooks, each with what is said of it."""

    def __init__(self):
        keys, hooks = run("/usr/sbin/enforced", "--features", timeout=LOADING).stdout.split("\n\n")
        self.keys = self._read(keys)
        self.hooks = self._read(hooks)

    @staticmethod
    def _read(text):
        found = {}
        for line in text.splitlines():
            if line.startswith(" "):
                found[list(found)[-1]] += f", {line.strip()}"
            else:
                name, said = line.split(None, 1)
                found[name] = said
        return found


def machine():
    """This machine's column."""
    if "bpf" not in read("/sys/kernel/security/lsm").split(","):
        return "no BPF LSM"
    return ".".join(os.uname().release.split(".")[:2])


def column(text, heading, name):
    """A column of the table below a heading, by the first one; none if it is not there."""
    rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in text.partition(heading)[2].partition("\n## ")[0].splitlines() if line.startswith("|")]
    if not rows or name not in rows[0]:
        return None
    at = rows[0].index(name)
    return {row[0]: row[at] for row in rows[2:]}


class Kernels:
    def __init__(self, report, daemon):
        self.report = report

    def run(self):
        features = Features()
        text = read(TABLE)
        for heading, said in (KEYS, features.keys), (HOOKS, features.hooks):
            written = column(text, heading, machine())
            faults = [] if written else [f"there is no column {machine()}"]
            faults += [f"{name} {word}" for name, word in said.items() if written and written.get(name) != mark(word)]
            self.report.check(f"features/docs/kernels.md says below {heading[3:]} what this kernel does",
                              [*faults, "tools/kernels writes it anew"] if faults else "")


def mark(said):
    """The word of the table for what is said."""
    if said.startswith("absent"):
        return "no"
    return "partly" if ", but for" in said else "yes"


def tell():
    """For tools/kernels: a line for each key and hook."""
    features = Features()
    for heading, said in (KEYS, features.keys), (HOOKS, features.hooks):
        for name, word in said.items():
            print(f"{machine()}|{heading}|{name}|{mark(word)}")


if __name__ == "__main__":
    tell()
