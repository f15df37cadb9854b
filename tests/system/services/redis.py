# SPDX-License-Identifier: GPL-2.0-or-later
"""A database whose clients may configure it, as was long the default and was the way of many a worm."""

import glob
import os
import shutil

from host import read, run, wait_until, write
from services.elsewhere import PORT, PRIVATE, Elsewhere
from services.service import Attack, Service, must, systemctl

CONFIG = "/etc/redis/redis.conf"
LOG = "/var/log/redis/redis-server.log"
SPOOL = "/srv/spool"
DROPPED = "/var/lib/redis/dropped.so"


def redis(*words):
    return run("redis-cli", *words, check=False, timeout=120).stdout.strip()


def talk(*lines):
    """One client's conversation: an answer a line."""
    return run("redis-cli", input="".join(f"{line}\n" for line in lines), check=False, timeout=120).stdout.splitlines()


def saved():
    """The background jobs ended, and well."""
    info = redis("INFO", "persistence")
    if "in_progress:1" in info or "scheduled:1" in info:
        return False
    must("rdb_last_bgsave_status:ok" in info and "aof_last_bgrewrite_status:ok" in info, info)
    return True


class Redis(Service):
    policy = "redis-server"
    unit = "redis-server.service"

    def __init__(self):
        self._elsewhere = Elsewhere(port=PORT + 1)

    def prepare(self):
        text = read(CONFIG)
        with open(CONFIG, "a") as config:  # it belongs to redis, and stays so
            for line in ("enable-protected-configs yes", "enable-debug-command yes", "enable-module-command yes",
                         "appendonly yes"):
                if line not in text:
                    config.write(f"{line}\n")
        os.makedirs(SPOOL, exist_ok=True)
        shutil.chown(SPOOL, "redis", "redis")
        # Debian's sandbox refuses part of the attacks; what is tried here is the policy.
        write(f"/run/systemd/system/{self.unit}.d/test.conf",
              f"[Service]\nReadWritePaths={SPOOL}\nExecPaths=/var/lib/redis\n")
        systemctl("daemon-reload")
        self.restart()

    def serve(self):
        must(wait_until(lambda: redis("PING") == "PONG", 60), "no PONG")
        got = talk("SET key value", "GET key", "EVAL \"return redis.call('GET', KEYS[1])\" 1 key", "SAVE", "CONFIG REWRITE")
        must(got == ["OK", "value", "value", "OK", "OK"], got)
        must(redis("-h", "::1", "GET", "key") == "value", "nothing over IPv6")
        got = talk("BGSAVE", "BGREWRITEAOF")
        must(all(answer.startswith("Background") for answer in got) and wait_until(saved, 60, 0.2), got)

    def reload(self):
        """It has no reload of its own: DEBUG RELOAD reads back what it wrote."""
        must(redis("DEBUG", "RELOAD") == "OK", "no DEBUG RELOAD")

    def rotate(self):
        os.rename(LOG, f"{LOG}.1")
        redis("BGSAVE")
        must(wait_until(saved, 60, 0.2) and os.path.exists(LOG), f"{LOG} was not opened again")

    def attacks(self):
        shutil.copy("/var/lib/redis/dump.rdb", f"{PRIVATE}/secret.rdb")
        os.chmod(f"{PRIVATE}/secret.rdb", 0o644)
        return [
            Attack("it writes its database elsewhere", self._save, "file", f"{SPOOL}/temp-*.rdb"),
            Attack("it loads a private file", self._read, "file", f"{PRIVATE}/secret.rdb"),
            Attack("it hands its keys to another server", self._migrate, "network", self._elsewhere.endpoint),
            Attack("it loads a module that was dropped where it writes", self._load, "exec", DROPPED),
        ]

    @staticmethod
    def _within(directory, name, act):
        """Does it with its database being there."""
        redis("CONFIG", "SET", "dir", directory, "dbfilename", name)
        try:
            return act()
        finally:
            redis("CONFIG", "SET", "dir", "/var/lib/redis", "dbfilename", "dump.rdb")

    def _save(self):
        for path in glob.glob(f"{SPOOL}/*"):
            os.unlink(path)
        return self._within(SPOOL, "crontab", lambda: redis("SAVE") == "OK" and os.path.exists(f"{SPOOL}/crontab"))

    def _read(self):
        """Without the append-only file, which it would rather read."""
        redis("CONFIG", "SET", "appendonly", "no")
        try:
            return self._within(PRIVATE, "secret.rdb", lambda: redis("DEBUG", "RELOAD", "NOSAVE") == "OK")
        finally:
            self.restart()
            wait_until(lambda: talk("SET key value") == ["OK"], 60)

    def _migrate(self):
        return self.reaches(self._elsewhere, lambda: redis("MIGRATE", "127.0.0.1", str(PORT + 1), "key", "0", "1000", "COPY"))

    @staticmethod
    def _load():
        """Any library does: it is mapped, and found to be no module."""
        shutil.copy(os.path.realpath(glob.glob("/usr/lib/*-linux-gnu/libz.so.1")[0]), DROPPED)
        os.chmod(DROPPED, 0o755)
        before = os.path.getsize(LOG)
        redis("MODULE", "LOAD", DROPPED)
        with open(LOG) as log:
            log.seek(before)
            return "does not export" in log.read()
