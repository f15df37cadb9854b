# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of the source tree, wherever it was unpacked: git may not be there to ask."""

import os


def files(root, *folders):
    """Paths below the given folders of `root`, or below all of it, relative to it and sorted."""
    found = []
    for folder in folders or ["."]:
        for here, below, names in os.walk(os.path.join(root, folder)):
            below[:] = [name for name in below if not is_foreign(os.path.join(here, name))]
            found += [os.path.relpath(os.path.join(here, name), root) for name in names]
    return sorted(found)


def is_foreign(folder):
    """Whether somebody else fills the folder: git, an editor, meson, python, or a build of a package."""
    name = os.path.basename(folder)
    return (name.startswith(".") or name == "__pycache__" or name.startswith("obj-")
            or os.path.exists(os.path.join(folder, "meson-private")))


def lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def finish(complaints):
    """Says what is wrong, and returns the exit status."""
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0
