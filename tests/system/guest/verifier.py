# SPDX-License-Identifier: GPL-2.0-or-later
"""That the kernel runs the programs which the compiler made. A verifier removes what it takes for dead, and where it
is wrong, as 6.1's has been about a value kept in a register across a call, a refusal is missing and nothing says so.
So each call of a function of ours is to be there still."""

import os
import re
import struct
from collections import Counter

from bpfcall import instructions, program_of, steps_of
from host import PINS, run
from kinds import STRICT
from objectfile import BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC, CALL, LOAD_IMMEDIATE_64, ObjectFile

OBJECT = "/opt/enforced-test/enforced.bpf.o"
# Of the kernel's million for one program; and of all together, which is what a start of the daemon takes.
STEPS_MAX = 150_000
ALL_STEPS_MAX = 2_500_000

NAMED = re.compile(r"call pc[+-]\d+#(?:bpf_prog_[0-9a-f]{16}_)?(\w+)")


def count(code):
    """The calls, and the functions that are handed on."""
    calls = callbacks = 0
    for opcode, registers, _, _ in struct.iter_unpack("<BBhi", code):
        calls += opcode == CALL and registers >> 4 == BPF_PSEUDO_CALL
        callbacks += opcode == LOAD_IMMEDIATE_64 and registers >> 4 == BPF_PSEUDO_FUNC
    return calls, callbacks


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
        steps = {name: steps_of(program_of(f"{PINS}/links/{name}")) for name in links}
        most = max(steps, key=steps.get)
        self.report.say(f"verified in {sum(steps.values()):,} steps, {steps[most]:,} of them {most}")
        self.report.check("verifier/there is room in the verifier's limits",
                          [f"{name}: {count:,}" for name, count in steps.items() if count > STEPS_MAX])
        self.report.check("verifier/all programs are soon verified", [] if sum(steps.values()) < ALL_STEPS_MAX else steps)
        self.daemon.forget()
        self.daemon.must_reload()

    def missing(self, name):
        functions = self.object.loaded_with(name)
        program = program_of(f"{PINS}/links/{name}")
        calls = sum(len(function.calls) for function in functions)
        callbacks = sum(len(function.callbacks) for function in functions)
        there = count(instructions(program))
        # bpf_loop() becomes a loop that calls its body, where the verifier knows which one that is.
        if there == (calls + callbacks, callbacks):
            return ""
        return [f"calls and callbacks: {there}, expected {(calls + callbacks, callbacks)}", *self.named(functions, program)]

    def named(self, functions, program):
        there = Counter(NAMED.findall(run("bpftool", "prog", "dump", "xlated", "id", str(program)).stdout))
        wanted = Counter(self.object.functions[start].name for function in functions
                         for start in function.calls + function.callbacks)
        return [f"{called}: {there[called]} of {wanted[called]} are left" for called in wanted | there
                if there[called] != wanted[called]]
