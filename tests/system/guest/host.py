# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine under test: its units, its journal, and the daemon."""

import glob
import json
import os
import shutil
import subprocess
import time

PROBE = "/opt/enforced-test/probe"
UNITS = "/run/systemd/system"
POLICIES = "/etc/enforced/policy.d"
ROOT = "/srv/et"   # where tests have their files
OUT = "/run/et"    # what their units wrote
PINS = "/sys/fs/bpf/enforced"
FIELDS = ("RULE", "ACTION", "OPERATION", "OBJECT", "LINE", "COUNT", "COMM")


def run(*argv, check=True, timeout=120, **options):
    done = subprocess.run(argv, capture_output=True, text=True, errors="surrogateescape", timeout=timeout, **options)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", errors="surrogateescape") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, errors="surrogateescape") as file:
        return file.read()


def wait_until(condition, seconds=10.0, pause=0.05):
    """What `condition` returned last: true, unless time ran out."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(pause)
    return value


def quote(argument):
    """A word of ExecStart=."""
    escaped = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%$' else
                      {"%": "%%", "$": "$$"}.get(c) or "".join(f"\\x{byte:02x}" for byte in os.fsencode(c))
                      for c in argument)
    return f'"{escaped}"'


class Units:
    """Units that the tests make. They are read at the next reload of the manager."""

    @staticmethod
    def write(name, argv, *lines, type="oneshot", section="Service", collect="inactive-or-failed"):
        command = [f"ExecStart={' '.join(map(quote, argv))}"] if argv else []
        text = "\n".join([
            "[Unit]", "StartLimitIntervalSec=0", f"CollectMode={collect}", f"[{section}]",
            *([f"Type={type}"] if section == "Service" else []), *command, f"StandardOutput=truncate:{OUT}/%n", *lines, ""])
        write(f"{UNITS}/{name}", text)

    @staticmethod
    def reload():
        run("systemctl", "daemon-reload")

    @staticmethod
    def start(*names):
        """Starts them together and waits until their jobs are done, however they end."""
        if names:
            run("systemctl", "start", *names, check=False, timeout=300)

    @staticmethod
    def stop(*names):
        run("systemctl", "stop", *names, check=False)

    @staticmethod
    def show(name, *properties):
        text = run("systemctl", "show", name, *(f"-p{one}" for one in properties)).stdout
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    @staticmethod
    def output(name, directory=OUT):
        """The probe's lines, each as (word, errno, count, what)."""
        try:
            return [tuple(line.split(" ", 3)) for line in read(f"{directory}/{name}").splitlines()]
        except FileNotFoundError:
            return []


class Journal:
    """The daemon's entries since a moment."""

    def __init__(self):
        self._cursor = self._last()

    @staticmethod
    def _last():
        text = run("journalctl", "-n1", "-o", "json", "--output-fields=MESSAGE_ID").stdout
        return json.loads(text)["__CURSOR"] if text.strip() else None

    @staticmethod
    def _value(value):
        if isinstance(value, list):  # not UTF-8, or too long: bytes; or a field that is there several times
            return os.fsdecode(bytes(value)) if all(isinstance(one, int) for one in value) else value[-1]
        return value

    def entries(self, *options):
        """What journalctl shows with these options."""
        # Not --after-cursor=: systemd 252 leaves out the first entry that `options` let through, also
        # where that is not the cursor's.
        text = run("journalctl", "-o", "json", "--all", *([f"--cursor={self._cursor}"] if self._cursor else []),
                   *options, check=False).stdout
        entries = [{key: self._value(value) for key, value in json.loads(line).items()} for line in text.splitlines()]
        return [entry for entry in entries if entry["__CURSOR"] != self._cursor]

    def daemon(self):
        """All that the daemon said, of whatever kind."""
        return self.entries("SYSLOG_IDENTIFIER=enforced")

    def events(self, *options):
        """What was refused or reported, by unit."""
        by_unit = {}
        for entry in self.entries(*(options or ("SYSLOG_IDENTIFIER=enforced",))):
            if "ENFORCED_RULE_ID" in entry:  # what was lost is counted as well, and is of no rule
                by_unit.setdefault(entry.get("OBJECT_SYSTEMD_UNIT", ""), []).append(entry)
        return by_unit

    def of_units(self):
        """Those of units: what the tests themselves do to the daemon, as root may, is told of as well, and of none."""
        return {unit: events for unit, events in self.events().items() if unit}

    def settled(self, unit, total, seconds=8.0):
        """The unit's events, as soon as they account for `total` operations; what there is when time runs out."""
        events = []

        def complete():
            events[:] = self.events().get(unit, [])
            return sum(int(one["ENFORCED_COUNT"]) for one in events) >= total

        wait_until(complete, seconds, 0.3)
        return events


def excerpt(events, most=6):
    """Entries as text, for a failure's sake."""
    lines = [f"journal: {int(one['__REALTIME_TIMESTAMP']) / 1e6:.3f} " + " ".join(f"{field}={one['ENFORCED_' + field]!r}" for field in FIELDS if f"ENFORCED_{field}" in one)
             for one in events[:most]]
    if len(events) > most:
        lines.append(f"journal: ... and {len(events) - most} more")
    return "\n".join(lines) or "journal: nothing"


class Kernel:
    """What the programs have counted."""

    @staticmethod
    def refusals():
        """Of all units together, exact."""
        text = run("bpftool", "-j", "map", "dump", "pinned", f"{PINS}/maps/counters").stdout
        return sum(int(entry["formatted"]["value"]["total"]) for entry in json.loads(text))

    @staticmethod
    def complaints():
        """What it says about faults of its own since boot: a program that the verifier misjudged would show here."""
        marks = ("BUG:", "Oops:", "WARNING: CPU", "general protection fault", "INFO: task")
        return [line for line in run("dmesg").stdout.splitlines() if any(mark in line for mark in marks)]


# Programs are loaded one after the other, which takes minutes of an emulator with a kernel that looks at them closely.
LOADING = 900  # seconds


class Daemon:
    """enforced.service, and the files that it reads."""

    def start(self):
        done = run("systemctl", "start", "enforced", check=False, timeout=LOADING)
        return done.returncode == 0, done.stdout + done.stderr + ("" if done.returncode == 0 else self.log())

    def reload(self):
        """Whether it said that the new set is in force, and what it said."""
        done = run("systemctl", "reload", "enforced", check=False, timeout=LOADING)
        return done.returncode == 0, done.stdout + done.stderr

    def must_reload(self):
        good, text = self.reload()
        if not good:
            raise RuntimeError(f"systemctl reload enforced failed\n{text}\n{self.log()}")

    def must_start(self):
        good, text = self.start()
        if not good:
            raise RuntimeError(f"systemctl start enforced failed\n{text}")

    @staticmethod
    def restart():
        run("systemctl", "restart", "enforced")

    @staticmethod
    def pid():
        """Of its main process, as text; "0" if there is none."""
        return Units.show("enforced", "MainPID")["MainPID"]

    @staticmethod
    def active():
        return Units.show("enforced", "ActiveState")["ActiveState"] == "active"

    @staticmethod
    def status():
        """What it says of itself."""
        return Units.show("enforced", "StatusText")["StatusText"]

    @staticmethod
    def log(lines=25):
        return run("journalctl", "-u", "enforced", "-n", str(lines), "--no-pager", "-o", "cat", check=False).stdout

    @staticmethod
    def release():
        """Everything off, whatever state it is in."""
        run("systemctl", "stop", "enforced", check=False)
        run("systemctl", "reset-failed", "enforced", check=False)
        run("/usr/sbin/enforced", "--release", check=False)

    @staticmethod
    def policy(name, text):
        write(f"{POLICIES}/{name}.toml", text)

    @staticmethod
    def withdraw(name):
        os.unlink(f"{POLICIES}/{name}.toml")

    @staticmethod
    def forget():
        """No policy of ours is left on the disk."""
        for path in glob.glob(f"{POLICIES}/*"):
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
