# SPDX-License-Identifier: GPL-2.0-or-later
"""What others rename and mount, all the time, makes a unit lose none of what it may do, and gain nothing."""

import os
import shutil
import subprocess
import sys

from host import OUT, PROBE, ROOT, Units, run, wait_until, write

HERE = f"{ROOT}/storm"
SECRET = f"{HERE}/secret/key"
FINE = f"{HERE}/fine/a/b/c/d/e/key"
TRIES = 20000
UNIT = "etst.service"

POLICY = f'''
units = ["{UNIT}"]
[file]
default = "deny"
[[file.rule]]
path = ["{HERE}/fine/**"]
access = ["read"]
action = "allow"
'''

RENAMES = "import os, sys\nwhile True:\n    os.rename(sys.argv[1], sys.argv[2])\n    os.rename(sys.argv[2], sys.argv[1])\n"
MOUNTS = f"while :; do mount -t tmpfs none {HERE}/mounts; umount {HERE}/mounts; done"


class Storm:
    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon

    def run(self):
        shutil.rmtree(HERE, ignore_errors=True)
        os.makedirs(OUT, exist_ok=True)
        os.makedirs(f"{HERE}/mounts")
        for path in (SECRET, FINE, f"{HERE}/one"):
            write(path, "content\n")
        Units.write(UNIT, [PROBE, "-n", str(TRIES), "read", FINE, "+", "-n", str(TRIES), "read", SECRET])
        Units.reload()
        self.daemon.policy("et-storm", POLICY)
        self.daemon.must_reload()
        self.storm("renames", [sys.executable, "-c", RENAMES, f"{HERE}/one", f"{HERE}/other"])
        self.storm("mounts", ["/bin/sh", "-c", MOUNTS])

    def storm(self, what, argv):
        with subprocess.Popen(argv, start_new_session=True) as others:
            try:
                Units.start(UNIT)
                wait_until(lambda: len(Units.output(UNIT)) == 2, 60.0)
                going_on = others.poll() is None
            finally:
                os.killpg(others.pid, 9)
        run("umount", f"{HERE}/mounts", check=False)
        lines = [" ".join(line) for line in Units.output(UNIT)]
        wanted = [f"allowed - {TRIES} read {FINE}", f"refused EACCES {TRIES} read {SECRET}"]
        self.report.check(f"storm/{what} change no verdict", "" if lines == wanted and going_on else
                          "\n".join(["the storm went on" if going_on else "the storm ended", *lines]))
