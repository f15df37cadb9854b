# SPDX-License-Identifier: GPL-2.0-or-later
"""A unit that can be asked, again and again, whether it is held to its policy."""

import glob
import os
import shutil

from caller import call, get, there
from host import OUT, POLICIES, ROOT, Units, read, wait_until, write

POLICY = "et-target"
UNIT = f"{POLICY}.service"
RUNTIME = "/run/enforced/policy.d"
SECRET = f"{ROOT}/target/secret"
QUESTION, ANSWER = f"{ROOT}/target/question", f"{ROOT}/target/answer"
TEXT = f'''units = ["{UNIT}"]
[[file.rule]]
path = ["{SECRET}"]
access = "all"
action = "deny"
'''
# The shell's own redirection is the probe: an exec for each question would cost more than the rest of a test.
SCRIPT = f"while read number; do if (: <{SECRET}) 2>/dev/null; then echo $number free; else echo $number held; fi " \
         f">{ANSWER}.new; mv {ANSWER}.new {ANSWER}; done <>{QUESTION}"


class Target:
    def __init__(self, daemon):
        self.daemon = daemon
        self._asked = 0

    def install(self):
        """The unit, and its policy in force alone."""
        os.makedirs(OUT, exist_ok=True)
        write(SECRET, "secret\n")
        if not os.path.exists(QUESTION):
            os.mkfifo(QUESTION)
        Units.write(UNIT, ["/bin/sh", "-c", SCRIPT], type="simple")
        Units.reload()
        self.reset()
        Units.start(UNIT)

    def reset(self):
        """The unit's policy in force alone, whatever was before."""
        if not wait_until(there, 120, 0.3):
            raise RuntimeError(f"the daemon does not come to the bus\n{self.daemon.log()}")
        if get("Probation"):
            call("Revert", "sa{sv}", "", {})
        shutil.rmtree(RUNTIME, ignore_errors=True)
        self.daemon.forget()
        self.daemon.policy(POLICY, TEXT)
        call("Reload", "a{sv}", {})

    def remove(self):
        Units.stop(UNIT)
        shutil.rmtree(os.path.dirname(SECRET))
        os.unlink(f"/run/systemd/system/{UNIT}")

    def held(self):
        """Whether the unit is refused what the policy forbids, now."""
        self._asked += 1
        question = os.open(QUESTION, os.O_RDWR | os.O_NONBLOCK)  # also if nobody reads it
        os.write(question, f"{self._asked}\n".encode())

        def answered():
            try:
                number, _, word = read(ANSWER).partition(" ")
                return word.strip() if number == str(self._asked) else ""
            except FileNotFoundError:
                return ""

        word = wait_until(answered, 60)
        os.close(question)
        if not word:
            raise RuntimeError("the target does not answer")
        return word == "held"

    def fault(self, when, held):
        """What is wrong with how it is held."""
        return "" if self.held() == held else f"{when}: the unit is {'not ' if held else ''}held"


def files():
    """The policies on the disk that a change can touch."""
    return {path: read(path) for top in [POLICIES, RUNTIME] for path in glob.glob(f"{top}/**/*", recursive=True)
            if os.path.isfile(path)}


def shown():
    """The policies that the daemon shows, with mode and text."""
    objects = call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")
    policies = [interfaces.get("org.enforced1.Policy") for interfaces in objects.values()]
    return sorted((one["Name"], one["Mode"], one["State"], one["Text"]) for one in policies if one)

