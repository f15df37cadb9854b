#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the checks find what they are there to find."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import includes
import length
import licence
import promises

TABLE = """<!-- includes: layer may include -->
| layer | may include | what it is |
|---|---|---|
| `src/base` | | text |
| `bpf/abi` | | the line |
| `bpf/lib` | `bpf/abi` | pieces |
| `src/policy` | `src/base` | pure |
| `src/daemon` | all of the above | everything |
"""
SPDX = "// SPDX-License-Identifier: GPL-2.0-or-later\n"


class Checks(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name
        self.write("docs/architecture.md", TABLE)
        for header in ["src/base/a.hpp", "src/policy/b.hpp", "src/daemon/c.hpp", "bpf/abi/d.h", "bpf/lib/e.h"]:
            self.write(header, SPDX)

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def complaints(self, path, line):
        self.write(path, SPDX + line + "\n")
        return includes.check(self.root)

    def test_includes_run_to_the_left(self):
        for path, line in [("src/policy/b.cpp", '#include "policy/b.hpp"'), ("src/policy/b.cpp", '#include "base/a.hpp"'),
                           ("src/daemon/c.cpp", '#include "policy/b.hpp"'), ("src/daemon/c.cpp", '#include "abi/d.h"'),
                           ("bpf/f.bpf.c", '#include "lib/e.h"'), ("bpf/lib/e.h", '#include "abi/d.h"'),
                           ("src/policy/parse/x.cpp", "#include <toml++/toml.h>")]:
            self.assertEqual(self.complaints(path, line), [])

    def test_includes_to_the_right_are_found(self):
        for path, line in [("src/base/a.cpp", '#include "policy/b.hpp"'), ("src/policy/b.cpp", '#include "daemon/c.hpp"'),
                           ("src/policy/b.cpp", '#include "../daemon/c.hpp"'), ("src/base/a.cpp", '# include "abi/d.h"'),
                           ("bpf/abi/d.h", '#include "lib/e.h"'), ("bpf/abi/d.h", '#include "../lib/e.h"'),
                           ("src/policy/b.cpp", "#include <toml++/toml.h>"), ("src/policy/b.cpp", "#include <bpf/bpf.h>"),
                           ("src/policy/b.cpp", "#include <fstream>"), ("src/policy/b.cpp", "#include <fcntl.h>"),
                           ("src/policy/b.cpp", "#include <sys/stat.h>"), ("src/new/n.cpp", "")]:
            with self.subTest(path=path, line=line):
                self.setUp()
                self.assertEqual(len(self.complaints(path, line)), 1)

    def test_a_missing_licence_is_found(self):
        self.assertEqual(licence.check(self.root), [])
        self.write("src/base/x.cpp", "int x;\n")
        self.write("tools/y", "#!/bin/sh\ntrue\n")
        self.write("tools/z", "#!/bin/sh\n# " + SPDX[3:])
        self.write("notes.md", "no code\n")
        self.assertEqual([line.split(":")[0] for line in licence.check(self.root)], ["src/base/x.cpp", "tools/y"])

    def test_a_long_file_is_found(self):
        self.write("src/base/x.cpp", "\n" * 450)
        self.assertEqual(length.check(self.root), [])
        self.write("src/base/x.cpp", "\n" * 451)
        self.assertEqual(len(length.check(self.root)), 1)

    def page(self, tests, rows):
        def names(all_of_them):
            return ", ".join(f"`{name}`" for name in all_of_them)

        self.write(promises.PAGE, f"{promises.TABLE_MARK}\n| promise | tests |\n|---|---|\n| It holds | {names(tests)} |\n\n"
                                  f"{promises.LIMITS_MARK}\n| not | rows |\n|---|---|\n| It does not | {names(rows)} |\n")
        return promises.check(self.root)

    def test_promises_and_suites_are_in_step(self):
        self.write("tests/system/guest/moves.py", "")
        self.write("tests/system/guest/host.py", "")
        self.assertEqual(self.page(["tests/system/guest/moves.py"], []), [])
        self.assertEqual(len(self.page(["tests/system/guest/moves.py", "tests/gone.py"], [])), 1)
        self.assertEqual(len(self.page([], [])), 2)

    def test_limits_and_rows_are_in_step(self):
        self.write("tests/system/guest/moves.py", "")
        self.write(f"{promises.ROWS}/names.py", 'ROWS = [Row("T05", [A.documented("x")]),\n Row("T06", [A.denied("x")])]\n')
        self.assertEqual(self.page(["tests/system/guest/moves.py"], ["T05"]), [])
        self.assertEqual(len(self.page(["tests/system/guest/moves.py"], [])), 1)
        self.assertEqual(len(self.page(["tests/system/guest/moves.py"], ["T05", "T07"])), 1)



if __name__ == "__main__":
    unittest.main()
