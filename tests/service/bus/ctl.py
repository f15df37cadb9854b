# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of enforcectl."""

import json
import os
import subprocess

import case
import machine

EXIT_FAILED, EXIT_INACTIVE, EXIT_FORBIDDEN, EXIT_NOT_RUNNING = 1, 3, 4, 7


class CtlCase(case.BusCase):
    def ctl(self, *arguments, uid=0, text=None):
        """Its exit status, standard output and standard error."""
        done = subprocess.run([os.environ["ENFORCECTL"], *arguments], capture_output=True, text=True, user=uid,
                              input=text, timeout=machine.PATIENCE * 2,
                              env={"DBUS_SYSTEM_BUS_ADDRESS": machine.ADDRESS, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        return done.returncode, done.stdout, done.stderr

    def good(self, *arguments, uid=0, text=None):
        """Its output, of a call that goes well."""
        status, output, errors = self.ctl(*arguments, uid=uid, text=text)
        self.assertEqual((status, errors), (0, ""), arguments)
        return output

    def json(self, *arguments):
        return json.loads(self.good(*arguments, "--json=short"))

    def fails(self, expected, *arguments, uid=0):
        """What it says on standard error."""
        status, output, errors = self.ctl(*arguments, uid=uid)
        self.assertEqual((status, output), (expected, ""), (arguments, errors))
        self.assertTrue(errors.startswith("enforcectl: "), errors)
        return errors
