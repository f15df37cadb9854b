#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether each file that is code says under which licence it is, in its first line or behind its `#!`.

usage: licence.py ROOT
"""

import os
import sys

import tree

LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
CODE = (".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".in", ".service", ".socket", ".catalog", ".xml", ".policy",
        "meson.build", "meson_options.txt")


def is_code(root, path):
    if path.endswith(CODE):
        return True
    with open(os.path.join(root, path), "rb") as file:
        return file.read(2) == b"#!"


def check(root):
    complaints = []
    for path in tree.files(root):
        if path.startswith(("debian/", "rpm/")) or not is_code(root, path):
            continue # packaging has its own way of saying it
        first = [line for line in tree.lines(root, path)[:3] if not line.startswith(("#!", "<?xml", "<!DOCTYPE"))]
        if not first or LICENCE not in first[0]:
            complaints.append(f"{path}:1: the first line is not \"{LICENCE}\"")
    return complaints


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1])))
