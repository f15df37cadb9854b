#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the promises of docs/threat-model.md and the tests are in step: each test that is named is there, and each
suite is named by a promise.

usage: promises.py ROOT
"""

import os
import re
import sys

import tree

PAGE = "docs/threat-model.md"
TABLE_MARK = "<!-- promises: promise, held by -->"

# Where a file is a suite, unless its name is in the second column: what suites are made of.
SUITES = {
    "tests/system/guest": r"(battery|bpfcall|caller|host|main|objectfile|peers|randomness|report|steps|target|explain_cases)\.py$",
    "tests/service/bus": r"(case|ctl|machine)\.py$",
    "tests/property": r"meson\.build$",
}


def promises(lines):
    """Promises with the tests that they name."""
    rows = lines[lines.index(TABLE_MARK) + 3:]
    for row in rows:
        if not row.startswith("|"):
            return
        promise, tests = row.strip("|").split("|")
        yield promise.strip(), re.findall("`([^`]+)`", tests)


def check(root):
    complaints, named = [], set()
    for promise, tests in promises(tree.lines(root, PAGE)):
        if not tests:
            complaints.append(f"{PAGE}: no test holds: {promise}")
        named |= set(tests)
        complaints += [f"{PAGE}: there is no {test}" for test in tests if not os.path.exists(os.path.join(root, test))]
    for folder, parts in SUITES.items():
        complaints += [f"{PAGE}: no promise names {path}" for path in tree.files(root, folder)
                       if path not in named and not re.search(parts, os.path.basename(path))]
    return complaints


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1])))
