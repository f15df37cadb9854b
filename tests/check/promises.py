#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether docs/threat-model.md and the tests are in step: each test that is named is there; each suite is named by a
promise; and each row of tests/bypass that shows something which is not covered is named beside that.

usage: promises.py ROOT
"""

import os
import re
import sys

import tree

PAGE = "docs/threat-model.md"
TABLE_MARK = "<!-- promises: promise, held by -->"
LIMITS_MARK = "<!-- limits: not covered, shown by -->"
ROWS = "tests/bypass/guest"

# Where a file is a suite, unless its name is in the second column: what suites are made of.
SUITES = {
    "tests/system/guest": r"(battery|bpfcall|caller|host|main|objectfile|peers|randomness|report|steps|target|explain_cases)\.py$",
    "tests/service/bus": r"(case|ctl|machine)\.py$",
    "tests/property": r"meson\.build$",
}


def table(lines, mark):
    """The first cell of each row, with what the second one names."""
    for row in lines[lines.index(mark) + 3:]:
        if not row.startswith("|"):
            return
        said, names = row.strip("|").split("|")
        yield said.strip(), re.findall("`([^`]+)`", names)


def check_limits(root):
    """What the page says is not covered against what the rows of tests/bypass show."""
    shown, known = set(), set()
    for path in tree.files(root, ROWS):
        for row in re.split(r"(?=Row\()", "\n".join(tree.lines(root, path)))[1:]:
            name = re.match(r'Row\("(T\d+)"', row)
            if name:
                known.add(name[1])
                if ".documented(" in row:
                    shown.add(name[1])
    named = {name for _, names in table(tree.lines(root, PAGE), LIMITS_MARK) for name in names}
    return [f"{PAGE}: there is no row {name} in {ROWS}" for name in sorted(named - known)] + \
        [f"{PAGE}: nothing that is not covered names {name}, which shows it" for name in sorted(shown - named)]


def check(root):
    complaints, named = [], set()
    for promise, tests in table(tree.lines(root, PAGE), TABLE_MARK):
        if not tests:
            complaints.append(f"{PAGE}: no test holds: {promise}")
        named |= set(tests)
        complaints += [f"{PAGE}: there is no {test}" for test in tests if not os.path.exists(os.path.join(root, test))]
    for folder, parts in SUITES.items():
        complaints += [f"{PAGE}: no promise names {path}" for path in tree.files(root, folder)
                       if path not in named and not re.search(parts, os.path.basename(path))]
    return complaints + check_limits(root)


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1])))
