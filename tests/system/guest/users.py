# SPDX-License-Identifier: GPL-2.0-or-later
"""Units of users' managers: a policy with `user-units` governs them, by user; and what a user calls a unit stays the
user's own affair."""

import os
import shutil

from host import PROBE, ROOT, Journal, Units, excerpt, run, write

HERE = f"{ROOT}/users"
SECRET = f"{HERE}/secret"
ALICE, BOB = ("et-alice", 1301), ("et-bob", 1302)
GOVERNED, OTHER, MOVED = "et-sync.service", "et-other.service", "et-moved.service"
UNITS = (GOVERNED, OTHER, MOVED)
USER_UNITS = "/run/systemd/user"

# Of the manager of its user, it goes to a control group that its user has made, and whose name no policy knows.
ESCAPE = f'''own=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
mkdir -p "${{own%/*}}/et-free" && echo $$ >"${{own%/*}}/et-free/cgroup.procs" && exec {PROBE} read {SECRET}'''

TEXT = f'''user-units = ["{GOVERNED}", "et-mov*.service"]
users = ["{{user}}"]
[[file.rule]]
path = ["{SECRET}"]
access = "all"
action = "deny"
'''
SYSTEM = f'''units = ["{OTHER}"]
[[file.rule]]
path = ["{SECRET}"]
access = "all"
action = "deny"
'''
MANAGER = f'''units = ["user@{ALICE[1]}.service"]
[[file.rule]]
path = ["{HERE}/other"]
access = "all"
action = "deny"
'''


def cgroup(user):
    return f"/user.slice/user-{user[1]}.slice/user@{user[1]}.service"


def as_user(user, *argv):
    return run("setpriv", f"--reuid={user[1]}", f"--regid={user[1]}", "--clear-groups", "env",
               f"XDG_RUNTIME_DIR=/run/user/{user[1]}", *argv, check=False, timeout=300)


class Users:
    def __init__(self, report, daemon):
        self.report = report
        self.daemon = daemon

    def run(self):
        self.install()
        try:
            self.without()
            self.governed("by name", ALICE[0])
            self.governed("by range", f"1200-{ALICE[1]}")
            self.with_manager()
            self.system_policy()
            self.unknown_user()
            self.without()
        finally:
            self.remove()

    def install(self):
        shutil.rmtree(HERE, ignore_errors=True)
        os.makedirs(USER_UNITS, exist_ok=True)
        for path in (SECRET, f"{HERE}/other"):
            write(path, "content\n")
        for name, uid in (ALICE, BOB):
            if run("id", name, check=False).returncode:
                run("useradd", "--uid", str(uid), "--create-home", name)
            os.makedirs(f"{HERE}/{uid}")
            os.chown(f"{HERE}/{uid}", uid, uid)
        both = f"{PROBE} read {SECRET} + read {HERE}/other"
        escape = f"/bin/sh -c '{ESCAPE}'".replace("$", "$$").replace("%", "%%").replace("\n", "; ")
        for unit, command in {GOVERNED: both, OTHER: both, MOVED: escape}.items():
            write(f"{USER_UNITS}/{unit}", f"[Service]\nType=oneshot\nExecStart={command}\nStandardOutput=truncate:{HERE}/%U/%n\n")
        for user in (ALICE, BOB):
            run("systemctl", "start", f"user@{user[1]}.service")
            as_user(user, "systemctl", "--user", "daemon-reload")

    def remove(self):
        for user in (ALICE, BOB):
            run("systemctl", "stop", f"user@{user[1]}.service", check=False)
        for unit in UNITS:
            os.unlink(f"{USER_UNITS}/{unit}")

    @staticmethod
    def start(user, unit):
        """The words for what the unit tried."""
        output = f"{HERE}/{user[1]}/{unit}"
        if os.path.exists(output):
            os.unlink(output)
        said = as_user(user, "systemctl", "--user", "start", unit)
        words = [line[0] for line in Units.output(unit, f"{HERE}/{user[1]}")]
        return words or [said.stderr]

    def policies(self, **texts):
        self.daemon.forget()
        for name, text in texts.items():
            self.daemon.policy(f"et-{name}", text)
        self.daemon.must_reload()

    def expect(self, name, **words):
        """What units of alice's and bob's could do, by USER_UNIT."""
        faults = []
        for key, wanted in words.items():
            user, unit = key.split("_")
            found = self.start(ALICE if user == "alice" else BOB, f"et-{unit}.service")
            if found != wanted.split():
                faults.append(f"{user}'s {unit}: {found}, expected {wanted}")
        self.report.check(f"users/{name}", faults)

    def without(self):
        self.policies()
        self.expect("without a policy all of it works", alice_sync="allowed allowed", alice_other="allowed allowed",
                    alice_moved="allowed", bob_sync="allowed allowed")

    def governed(self, how, user):
        self.policies(users=TEXT.format(user=user))
        journal = Journal()
        self.expect(f"{how}: refused in the unit that is named, and in no other", alice_sync="refused allowed",
                    alice_other="allowed allowed", bob_sync="allowed allowed")
        self.expect_event(how, journal)
        self.expect(f"{how}: what moves to another control group stays governed", alice_moved="refused")

    def expect_event(self, how, journal):
        manager = f"user@{ALICE[1]}.service"
        events = journal.settled(manager, 1)
        told = {"OBJECT_SYSTEMD_USER_UNIT": GOVERNED, "OBJECT_SYSTEMD_OWNER_UID": str(ALICE[1]), "ENFORCED_OBJECT": SECRET,
                "OBJECT_SYSTEMD_CGROUP": f"{cgroup(ALICE)}/app.slice/{GOVERNED}", "ENFORCED_POLICY": "et-users"}
        faults = [] if len(events) == 1 else [f"{len(events)} events"]
        faults += [f"{key}={one.get(key)!r}, expected {value!r}" for one in events for key, value in told.items()
                   if one.get(key) != value]
        self.report.check(f"users/{how}: one event, of the user's unit", [*faults, excerpt(events)] if faults else [])

    def with_manager(self):
        """Who was governed before, by what speaks of the whole manager, gets both."""
        self.policies(manager=MANAGER)
        self.expect("the manager's policy alone governs its units", alice_sync="allowed refused", alice_other="allowed refused",
                    bob_sync="allowed allowed")
        self.policies(manager=MANAGER, users=TEXT.format(user=ALICE[0]))
        self.expect("both policies govern", alice_sync="refused refused", alice_other="allowed refused",
                    bob_sync="allowed allowed")

    def system_policy(self):
        self.policies(system=SYSTEM, users=TEXT.format(user=ALICE[0]))
        self.expect("a policy of a system unit of the same name does not", alice_other="allowed allowed",
                    alice_sync="refused allowed")

    def unknown_user(self):
        self.daemon.policy("et-users", TEXT.format(user="et-nobody"))
        good, _ = self.daemon.reload()
        self.report.check("users/a user who is not there is an error, and the last set stays", [
            "systemctl reload succeeded" if good else "",
            "" if 'et-users.toml:2:10: error: there is no user "et-nobody" in /etc/passwd' in self.daemon.log() else self.daemon.log(),
            *(["it is not in force any more"] if self.start(ALICE, GOVERNED) != ["refused", "allowed"] else [])])
