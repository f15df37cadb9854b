#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether includes run one way, as the table in docs/architecture.md has it, and whether the layers that are
pure stay so.

usage: includes.py ROOT
"""

import os
import re
import sys

import tree

TABLE_MARK = "<!-- includes: layer may include -->"
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')

# Who may see a library: others get to it through these.
LIBRARIES = [
    (re.compile(r"toml\+\+/"), ["src/policy/parse/"]),
    (re.compile(r"bpf/|.*\.skel\.h$"), ["src/kernel/", "bpf/"]),
    (re.compile(r"systemd/"), ["src/daemon/", "src/host/", "src/bus/", "src/ctl/", "src/sdbus/"]),
    (re.compile(r"sdbus-c\+\+/"), ["src/sdbus/", "src/bus/", "src/ctl/"]),
    (re.compile(r"CLI/"), ["src/ctl/", "src/daemon/"]),
]

# Descriptors, files, clocks, processes, output: nothing of this belongs into a pure layer.
PURE = ["src/policy/", "src/plan/"]
IMPURE = re.compile(r"(fcntl|unistd|poll|signal|spawn|dirent|stdio|syslog)\.h$|sys/(?!socket\.h)|linux/bpf"
                    r"|(cstdio|fstream|iostream|filesystem|chrono|thread|ctime|csignal|random)$|base/fd\.hpp$")


def read_table(root):
    """What each layer may include, in the order of the table."""
    table = {}
    rows = tree.lines(root, "docs/architecture.md")
    for row in rows[rows.index(TABLE_MARK) + 3:]:
        if not row.startswith("|"):
            break
        layer, allowed = (re.findall("`([^`]+)`", cell) for cell in row.split("|")[1:3])
        everything = "all of the above" in row.split("|")[2]
        table[layer[0]] = list(table) if everything else allowed
    return table


def layer_of(path, table):
    """The folder of the table in which the file lies; files of bpf/ itself are a layer above bpf/lib."""
    for layer in table:
        if path.startswith(layer + "/"):
            return layer
    return os.path.dirname(path)


def resolve(root, including, name):
    """The file of ours that an include means, or None for a library's or a generated one."""
    for folder in [os.path.dirname(including), "src", "bpf"]:
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.exists(os.path.join(root, path)):
            return path
    return None


def may_include(layer, other, table):
    if layer == other or other in table.get(layer, []):
        return True
    return layer == "bpf" and other in ["bpf/lib", "bpf/abi"]


def complaint_about(root, path, quoted, name, table):
    for library, users in LIBRARIES:
        if library.match(name) and not quoted and not path.startswith(tuple(users)):
            return f"only {' and '.join(users)} may see this library"
    if path.startswith(tuple(PURE)) and IMPURE.match(name):
        return "this layer is pure: it knows no descriptors, files, clocks or output"
    other = resolve(root, path, name) if quoted else None
    if other is None:
        return None
    layer, target = layer_of(path, table), layer_of(other, table)
    if not may_include(layer, target, table):
        return f"{layer} may not include {target}; docs/architecture.md has the table"
    return None


def check(root):
    table = read_table(root)
    complaints = []
    for path in tree.files(root, "src", "bpf"):
        if not path.endswith((".hpp", ".cpp", ".h", ".c")):
            continue
        if layer_of(path, table) not in [*table, "bpf"]:
            complaints.append(f"{path}: its folder is not in the table of docs/architecture.md")
        for number, line in enumerate(tree.lines(root, path), 1):
            include = INCLUDE.match(line)
            complaint = include and complaint_about(root, path, include[1] == '"', include[2], table)
            if complaint:
                complaints.append(f"{path}:{number}: {include[2]}: {complaint}")
    return complaints


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1])))
