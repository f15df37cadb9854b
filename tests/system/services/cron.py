# SPDX-License-Identifier: GPL-2.0-or-later
"""cron, whose crontabs somebody tampered with. Jobs are not governed where PAM gives them a session."""

import os

from host import POLICIES, Daemon, read, run, wait_until, write
from services.elsewhere import PORT, PRIVATE, SECRET, TEXT, Elsewhere
from services.service import Attack, Service, must

OUT = "/srv/cron"
TAB = "/etc/cron.d/test"
USERS_TAB = "/var/spool/cron/crontabs/nobody"
CRONTAB = f"{PRIVATE}/crontab"
SHELL = "/usr/bin/dash"
PAM = "/etc/pam.d/cron"
SESSION = "session optional pam_systemd.so\n"
BOOTED = "/run/crond.reboot"  # it is there once the jobs of @reboot were started
JOBS = f"{POLICIES}/cron.toml.d/jobs.toml"

# What an administrator adds who would rather have jobs governed than free.
GOVERNED_JOBS = """
[exec]
allow = ["/usr/bin/dash", "/usr/bin/nc.openbsd"]
[[file.rule]]
path = ["/etc/services"]
access = ["read"]
action = "allow"
[network]
families = ["inet"]
"""


def remove(*paths):
    for path in paths:
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
        remove(TAB, USERS_TAB)
        write(PAM, read(PAM).replace(SESSION, "") + SESSION)
        self.restart()

    def serve(self):
        """Jobs of when the machine starts, so that nobody waits for the minute."""
        self._run_jobs("@reboot", self._boot, 120)

    def work(self):
        self._run_jobs("* * * * *", lambda: None, 150)

    def _run_jobs(self, when, begin, seconds):
        """A job of /etc/cron.d, which reads and runs what cron may not, and one of a user's crontab."""
        system, user = f"{OUT}/system", f"{OUT}/user"
        remove(system, user)
        write(TAB, f"{when} root cat {SECRET} /proc/self/cgroup >{system}.new; mv {system}.new {system}\n")
        run("crontab", "-u", "nobody", "-", input=f"{when} id -un >{user}.new; mv {user}.new {user}\n")
        try:
            begin()
            for path in (system, user):
                must(wait_until(lambda path=path: os.path.exists(path), seconds, 0.3), f"no job wrote {path}")
        finally:
            remove(TAB, USERS_TAB)
        must(read(user) == "nobody\n", f"the user's job ran as {read(user)}")
        must(TEXT in read(system) and "/session-" in read(system), f"the job of /etc/cron.d: {read(system)}")

    def _boot(self):
        """Makes it believe that the machine has just started."""
        remove(BOOTED)
        self.restart()

    def reload(self):
        """It looks at its crontabs each minute by itself: those of `work` are new ones."""

    def attacks(self):
        return [
            Attack("it follows a link to a private crontab", self._link, "file", CRONTAB),
            Attack("it runs a job without a session", self._job, "exec", SHELL),
            Attack("a governed job connects to another server", self._connect, "network", self._elsewhere.endpoint),
        ]

    def _attempt(self, command, done, object_, crontab=TAB):
        """A job of when the machine starts."""
        write(crontab, f"@reboot root {command}\n")
        try:
            return self.attempt(self._boot, done, object_)
        finally:
            remove(TAB)

    def _attempt_without_session(self, command, done, object_):
        write(PAM, read(PAM).replace(SESSION, ""))
        try:
            return self._attempt(command, done, object_)
        finally:
            write(PAM, read(PAM) + SESSION)

    def _link(self):
        done = f"{OUT}/link"
        remove(done)
        os.symlink(CRONTAB, TAB)
        return self._attempt(f"touch {done}", lambda: os.path.exists(done), CRONTAB, CRONTAB)

    def _job(self):
        done = f"{OUT}/job"
        remove(done)
        return self._attempt_without_session(f"touch {done}", lambda: os.path.exists(done), SHELL)

    def _connect(self):
        governed = os.path.exists(f"{POLICIES}/cron.toml")
        if governed:
            write(JOBS, GOVERNED_JOBS)
            Daemon().must_reload()
        try:
            before = self._elsewhere.visits
            return self._attempt_without_session(f"/usr/bin/nc.openbsd -z 127.0.0.1 {PORT + 3}",
                                                 lambda: self._elsewhere.visits > before, self._elsewhere.endpoint)
        finally:
            if governed:
                os.unlink(JOBS)
                Daemon().must_reload()
