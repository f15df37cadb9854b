# SPDX-License-Identifier: GPL-2.0-or-later
"""cron, whose crontabs somebody tampered with. Jobs are not governed where PAM gives them a session."""

import os

from elsewhere import PORT, PRIVATE, SECRET, TEXT, Elsewhere
from host import POLICIES, Daemon, read, run, wait_until, write
from trial import Attack, Service, must

OUT = "/srv/cron"
TAB = "/etc/cron.d/test"
PAM = "/etc/pam.d/cron"
SESSION = "session optional pam_systemd.so\n"
JOBS = f"{POLICIES}/cron.toml.d/jobs.toml"

# What an administrator adds who would rather have jobs governed than free.
GOVERNED_JOBS = f"""
[exec]
allow = ["/usr/bin/dash", "/usr/bin/nc.openbsd"]
[[file.rule]]
path = ["{OUT}/*", "/root", "/tmp/*"]
access = "all"
action = "allow"
"""


def remove(path):
    if os.path.lexists(path):
        os.unlink(path)


class Cron(Service):
    policy = "cron"
    unit = "cron.service"

    def __init__(self):
        self._elsewhere = Elsewhere(port=PORT + 3)

    def prepare(self):
        os.makedirs(OUT, exist_ok=True)
        os.chmod(OUT, 0o777)
        write(PAM, read(PAM).replace(SESSION, "") + SESSION)

    def serve(self):
        """A job of every minute, which reads and runs what cron may not; from a file, and from a user's crontab."""
        remove(f"{OUT}/system")
        remove(f"{OUT}/user")
        write(TAB, f"* * * * * root cat {SECRET} /proc/self/cgroup >{OUT}/.system; mv {OUT}/.system {OUT}/system\n")
        run("crontab", "-u", "nobody", "-", input=f"* * * * * id -un >{OUT}/.user; mv {OUT}/.user {OUT}/user\n")
        try:
            wait_until(lambda: all(os.path.exists(f"{OUT}/{name}") for name in ("system", "user")), 75, 0.5)
            must(os.path.exists(f"{OUT}/user") and read(f"{OUT}/user") == "nobody\n", "no job of a user's crontab")
            must(os.path.exists(f"{OUT}/system"), "no job of /etc/cron.d")
            got = read(f"{OUT}/system")
            must(TEXT in got and "/session-" in got, got)
        finally:
            run("crontab", "-u", "nobody", "-r", check=False)
            remove(TAB)

    def reload(self):
        """It looks at its crontabs each minute by itself: that of `serve` is a new one each time."""

    def attacks(self):
        return [
            Attack("it follows a link to a private crontab", self._link, "file", f"{PRIVATE}/crontab"),
            Attack("it runs a job without a session", self._job, "exec", "/usr/bin/dash"),
            Attack("a governed job connects to another server", self._connect, "network", f"*127.0.0.1*{PORT + 3}*"),
        ]

    def _at_boot(self, command, happened, tab=TAB):
        """Runs a job at once: cron is made to believe that the machine has just started. Waits for what comes of it."""
        write(tab, f"@reboot root {command}\n")
        remove("/run/crond.reboot")
        try:
            self.restart()
            return wait_until(happened, 10, 0.2)
        finally:
            remove(TAB)

    def _link(self):
        remove(f"{OUT}/link")
        os.symlink(f"{PRIVATE}/crontab", TAB)
        return self._at_boot(f"touch {OUT}/link", lambda: os.path.exists(f"{OUT}/link"), f"{PRIVATE}/crontab")

    def _without_session(self, command, happened):
        write(PAM, read(PAM).replace(SESSION, ""))
        try:
            return self._at_boot(command, happened)
        finally:
            write(PAM, read(PAM) + SESSION)

    def _job(self):
        remove(f"{OUT}/job")
        return self._without_session(f"touch {OUT}/job", lambda: os.path.exists(f"{OUT}/job"))

    def _connect(self):
        governed = os.path.exists(f"{POLICIES}/cron.toml")
        if governed:
            write(JOBS, GOVERNED_JOBS)
            Daemon().must_reload()
        try:
            before = self._elsewhere.visits
            return self._without_session(f"/usr/bin/nc.openbsd -z 127.0.0.1 {PORT + 3}",
                                         lambda: self._elsewhere.visits > before)
        finally:
            if governed:
                os.unlink(JOBS)
                Daemon().must_reload()
