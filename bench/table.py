#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the table of tools/bench from what bench/guest/measure.py wrote: standard input to standard output.

Exit status: 0, also if a target is missed; 1 if figures are missing or the base moved while they were taken."""

import sys

OPERATIONS = {
    "open-same": ("open+close", "same file"),
    "open-directory": ("open+close", "directory known"),
    "open-cold": ("open+close", "cold"),
    "exec": ("fork+exec+wait", "static"),
    "connect": ("TCP connect", "accepted"),
    "connect-closed": ("TCP connect", "refused"),
}
OPENS = ("open-same", "open-directory", "open-cold")
CONFIGURATIONS = {
    "none": "no enforcement",
    "empty": "an empty program on the hook",
    **{f"apparmor-{kind}-{count}": f"AppArmor, {count:,} {kind} rules" for kind in ("allow", "deny") for count in (10, 1000)},
    "enforced-ungoverned": "enforced, not a governed unit",
    **{f"enforced-{kind}-{count}": f"enforced, {count:,} {kind} rules" for kind in ("allow", "deny") for count in (10, 1000)},
}
# Opens and connects repeat to a few instructions. An exec is made of a thousand times as many, and of scheduling.
TOLERANCE = {operation: 0.05 if operation == "exec" else 0.005 for operation in OPERATIONS}
TITLE, WIDTH = 32, 18


def read(lines):
    figures = {}
    for line in lines:
        configuration, operation, _, median, _ = line.split("\t")
        figures[configuration, operation] = int(median)
    wanted = {(c, o) for c in (*CONFIGURATIONS, "none-again") for o in OPERATIONS}
    if missing := sorted(wanted - figures.keys()):
        sys.exit(f"not measured: {', '.join(f'{o} with {c}' for c, o in missing)}")
    return figures


def check_base(figures):
    for operation, tolerance in TOLERANCE.items():
        before, after = figures["none", operation], figures["none-again", operation]
        if abs(after - before) > tolerance * before:
            sys.exit(f"{operation} without enforcement took {before:,} at first and {after:,} at the end: not comparable")


def added(figures, configuration, operation):
    return figures[configuration, operation] - figures["none", operation]


def print_table(figures):
    for part in (0, 1):
        print(" " * TITLE + "".join(f"{heading[part]:>{WIDTH}}" for heading in OPERATIONS.values()))
    for configuration, title in CONFIGURATIONS.items():
        cells = [f"{figures[configuration, o]:,} {added(figures, configuration, o):+7,}" for o in OPERATIONS]
        if configuration == "none":
            cells = [f"{figures[configuration, o]:,} {'':7}" for o in OPERATIONS]
        print(f"{title:{TITLE}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells))


def verdict(met, text):
    print(f"{'met   ' if met else 'MISSED'}  {text}")


def print_targets(figures):
    for operation in OPENS:
        for kind in ("allow", "deny"):
            for count in (10, 1000):
                ours = added(figures, f"enforced-{kind}-{count}", operation)
                theirs = added(figures, f"apparmor-{kind}-{count}", operation)
                verdict(ours < theirs, f"{' '.join(OPERATIONS[operation])}, {count:,} {kind} rules: {ours:+,}, "
                                       f"below AppArmor's {theirs:+,}")
    for operation in OPENS:
        for kind in ("allow", "deny"):
            few, many = (figures[f"enforced-{kind}-{count}", operation] for count in (10, 1000))
            verdict(abs(many - few) <= TOLERANCE[operation] * few,
                    f"{' '.join(OPERATIONS[operation])}, {kind} rules: {few:,} for 10 and {many:,} for 1,000 are the same")


def main():
    figures = read(sys.stdin)
    print("Guest instructions for one operation, and what they are more than without enforcement (medians)\n")
    print_table(figures)
    print("\nTargets")
    print_targets(figures)
    check_base(figures)


main()
