#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether each file is still about one thing, as far as its length can tell.

usage: length.py ROOT
"""

import sys

import tree

MAX_LINES = 450


def check(root):
    complaints = []
    for path in tree.files(root, "src", "bpf"):
        length = len(tree.lines(root, path))
        if length > MAX_LINES:
            complaints.append(f"{path}: {length} lines, {MAX_LINES} at most; which noun in it wants its own file?")
    return complaints


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1])))
