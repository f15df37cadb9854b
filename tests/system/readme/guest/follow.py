#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Types the commands of a document's consoles, one after the other, and compares their answers: follow.py DOCUMENT

In a block of the language `console`, a line behind "# " is a command, lines behind "> " go on with it, and all others
are its answer. "..." stands for any text of a line, and alone on a line for any lines."""

import re
import subprocess
import sys
import time

PATIENCE = 30.0  # s: the journal is written a moment later, and this machine is slow
LOOKS = re.compile(r"enforcectl (events|explain|status|policies|units)|journalctl") # what may be typed again


def consoles(text):
    """Commands with their expected answers."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("# "):
                found.append([line[2:], []])
            elif line.startswith("> "):
                found[-1][0] += "\n" + line[2:]
            else:
                found[-1][1].append(line)
    return found


def pattern(expected):
    """What the answer has to match as a whole."""
    parts = []
    for line in expected:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.split("...")) + r" *\n")
    return re.compile("".join(parts))


def type_in(command):
    done = subprocess.run(["/bin/bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd="/root", check=False)
    return done.returncode, done.stdout, done.stderr


def fault_of(command, expected):
    """What is not as shown; empty if all is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        status, answer, errors = type_in(command)
        if status == 0 and pattern(expected).fullmatch(answer):
            return ""
        if not LOOKS.match(command) or time.monotonic() > deadline:
            return f"status {status}, expected 0 and\n" + "\n".join(expected) + f"\nbut it said\n{answer}{errors}"
        time.sleep(0.5)


def main(document):
    with open(document, encoding="utf-8") as file:
        steps = consoles(file.read())
    if not steps:
        sys.exit(f"{document} shows no console")
    passed = 0
    for command, expected in steps:
        print(f"# {command}", flush=True)
        fault = fault_of(command, expected)
        if fault:
            print(f"FAILED: {fault}\n{passed} passed, 1 failed")
            return 1
        passed += 1
    print(f"{passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
