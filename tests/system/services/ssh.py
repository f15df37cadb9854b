# SPDX-License-Identifier: GPL-2.0-or-later
"""The server of logins, whose configuration somebody tampered with. The logins themselves are not governed."""

import os
import shutil
import socket

from host import Journal, read, run, wait_until, write
from services.elsewhere import SECRET, TEXT, Elsewhere
from services.service import Attack, Service, must

KEYS = "/run/ssh-test"
DROP_IN = "/etc/ssh/sshd_config.d/test.conf"
OTHERS = "/etc/ssh/others"  # keys that only a command knows of

CLIENT = """
IdentitiesOnly yes
BatchMode yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
ConnectTimeout 60
# The default takes an emulated machine longer than all the rest.
KexAlgorithms curve25519-sha256
"""


def ssh(user, command, key="known", *options):
    """Standard output and error, with what the server said before the login."""
    done = run("ssh", "-F", f"{KEYS}/config", "-i", f"{KEYS}/{key}", *options, f"{user}@127.0.0.1", command,
               check=False, timeout=180)
    return done.stdout + done.stderr


class Ssh(Service):
    policy = "ssh"
    unit = "ssh.service"

    def __init__(self):
        self._names = Elsewhere(socket.SOCK_DGRAM, 53)

    def prepare(self):
        shutil.rmtree(KEYS, ignore_errors=True)
        write(f"{KEYS}/config", CLIENT)
        for key in ("known", "other"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{KEYS}/{key}")
        run("useradd", "-m", "-s", "/bin/bash", "alice", check=False)
        for home, owner in (("/root", "root"), ("/home/alice", "alice")):
            write(f"{home}/.ssh/authorized_keys", read(f"{KEYS}/known.pub"), 0o600)
            os.chmod(f"{home}/.ssh", 0o700)
            for path in (f"{home}/.ssh", f"{home}/.ssh/authorized_keys"):
                shutil.chown(path, owner, owner)
        write(OTHERS, read(f"{KEYS}/other.pub"))
        write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        # Their managers stay, so that not each login has to wait for one to start.
        run("loginctl", "enable-linger", "root", "alice")
        self.restart()

    def serve(self):
        self._logs_in("alice")

    def work(self):
        self._logs_in("root")
        must("Permission denied" in ssh("root", "true", "other"), "a stranger got in")

    @staticmethod
    def _logs_in(user):
        """The login reads what sshd may not, runs what sshd may not, and sits in a scope of its own."""
        got = ssh(user, f"id -un; cat {SECRET}; cat /proc/self/cgroup")
        must(user in got and TEXT in got and "/session-" in got, f"login of {user}: {got}")

    def attacks(self):
        return [
            Attack("it shows a private file before the login",
                   lambda: TEXT in self._configured(f"Banner {SECRET}", "true"), "file", SECRET),
            Attack("it asks a program for keys", self._command, "exec", "/usr/bin/cat"),
            Attack("it asks a name server about the client", self._name, "network", self._names.endpoint),
        ]

    def _configured(self, line, command, *options):
        write(DROP_IN, f"{line}\n")
        try:
            self.reload()
            return ssh("root", command, *options)
        finally:
            os.unlink(DROP_IN)
            self.reload()

    def _command(self):
        line = f"AuthorizedKeysCommand /usr/bin/cat {OTHERS}\nAuthorizedKeysCommandUser nobody"
        return "came in" in self._configured(line, "echo came in", "other")

    def _name(self):
        """/etc/hosts does not know 127.0.0.2."""
        return self.reaches(self._names,
                            lambda: self._configured("UseDNS yes", "true", "known", "-o", "BindAddress=127.0.0.2"))

    def reload(self):
        """HUP makes it exec itself: it is there again when it says so."""
        journal = Journal()
        super().reload()
        must(wait_until(lambda: any("listening on :: port 22" in str(entry.get("MESSAGE")) for entry in
                                    journal.entries(f"--unit={self.unit}")), 120, 0.2), "it does not listen any more")
