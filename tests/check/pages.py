#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the manual pages are as Debian's reviewers want them: man(1) has nothing to warn of, and what they and the
units refer to is there.

usage: pages.py ROOT PAGE...
"""

import os
import re
import subprocess
import sys

import tree

OURS = re.compile(r"(?:\\fB)?((?:org\.)?enforce[a-z0-9.]*)(?:\\fR)?\((\d)\)")
NAME = re.compile(r'\.SH "NAME"\n(\S+) \\- (\S.*)\n')


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def warnings(page):
    """What lintian, too, asks man(1)."""
    environment = dict(os.environ, LC_ALL="C.UTF-8", MANROFFSEQ="", MANWIDTH="80")
    man = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True,
                         env=environment, check=False)
    return man.stderr.splitlines() + ([f"man fails with {man.returncode}"] if man.returncode else [])


def check(root, pages):
    complaints = []
    there = {os.path.basename(page) for page in pages}
    for page in pages:
        base, text = os.path.basename(page), read(page)
        complaints += [f"{base}: {warning}" for warning in warnings(page)]
        name = NAME.search(text)
        if not name or name[1].replace("\\-", "-") != base.rsplit(".", 1)[0]:
            complaints.append(f"{base}: whatis(1) would not find its name")
        complaints += [f"{base}: there is no {other}({section})" for other, section in OURS.findall(text)
                       if f"{other}.{section}" not in there]
    for path in tree.files(root, "units"):
        for line in tree.lines(root, path):
            complaints += [f"{path}: there is no {page}" for page in re.findall(r"man:(\S+)", line)
                           if page.replace("(", ".").rstrip(")") not in there]
    return sorted(set(complaints))


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1], sys.argv[2:])))
