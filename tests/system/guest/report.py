# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts what passed and failed, and says so line by line."""

import time


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []
        self._began = time.monotonic()

    def say(self, text):
        print(f"# {time.monotonic() - self._began:5.1f} s  {text}", flush=True)

    def check(self, name, faults):
        """One test. `faults` is what was wrong: empty, a text, or a list of texts."""
        faults = [faults] if isinstance(faults, str) else list(faults)
        faults = [fault for fault in faults if fault]
        if faults:
            self.failed.append(name)
            print(f"not ok - {name}", *(f"#    {line}" for fault in faults for line in fault.splitlines()), sep="\n",
                  flush=True)
        else:
            self.passed += 1
            print(f"ok - {name}", flush=True)
        return not faults

    def skip(self, name, why):
        self.skipped.append(name)
        print(f"ok - {name} # SKIP {why}", flush=True)

    def end(self):
        """The last line is what whoever counts reads."""
        if self.skipped:
            print(f"# {len(self.skipped)} skipped: {', '.join(self.skipped)}")
        if self.failed:
            print(f"# failed: {', '.join(self.failed)}")
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0
