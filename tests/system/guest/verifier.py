# SPDX-License-Identifier: GPL-2.0-or-later
"""That the kernel runs the programs which the compiler made. A verifier removes what it takes for dead, and where it
is wrong, as 6.1's has been about a value kept in a register across a call, a refusal is missing and nothing says so.
So each call of a function of ours is to be there still."""

import json
import os
import re
from collections import Counter

from host import PINS, run
from kinds import STRICT
from objectfile import ObjectFile

OBJECT = "/opt/enforced-test/enforced.bpf.o"
CALL = re.compile(r"call pc[+-]\d+#(?:bpf_prog_[0-9a-f]{16}_)?(\w+)")


def loaded(link):
    """The functions that the program of a pinned link calls, each as often as it does."""
    program = json.loads(run("bpftool", "-j", "link", "show", "pinned", link).stdout)["prog_id"]
    return Counter(CALL.findall(run("bpftool", "prog", "dump", "xlated", "id", str(program)).stdout))


def compiled(functions):
    return Counter(name for function in functions for name in function.calls)


class Verifier:
    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon
        self.object = ObjectFile(OBJECT)

    def run(self):
        self.daemon.policy("et-strict", STRICT)
        self.daemon.must_reload()
        links = sorted(os.listdir(f"{PINS}/links"))
        self.report.check("verifier/there are programs to compare", "" if len(links) > 40 else f"just {links}")
        for name in links:
            self.report.check(f"verifier/{name} calls what it was compiled to call", self.missing(name))
        self.daemon.forget()
        self.daemon.must_reload()

    def missing(self, name):
        functions = self.object.reached(name)
        there = loaded(f"{PINS}/links/{name}")
        # A loop that the verifier unrolls calls its body itself.
        for function in functions.values():
            for body in function.callbacks:
                there.pop(body, None)
        return [f"{called}: {there[called]} of {count} calls are left"
                for called, count in compiled(functions.values()).items() if there[called] != count]
