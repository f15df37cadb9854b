# SPDX-License-Identifier: GPL-2.0-or-later
"""A database whose superuser's password was guessed."""

import glob
import os
import shutil

from host import run, wait_until, write
from services.elsewhere import PORT, SECRET, TEXT, Elsewhere
from services.service import Attack, Service, must, systemctl

PSQL = "/usr/lib/postgresql/*/bin/psql"  # behind the package's script, which takes its time


def psql(sql, *options, **environment):
    """Standard output and error of a client whom the server knows by its user."""
    done = run(glob.glob(PSQL)[0], "-XAtq", "-v", "ON_ERROR_STOP=1", "-p", "5432", *options, "-c", sql, check=False,
               timeout=180, user="postgres", group="postgres", extra_groups=[], cwd="/", env=environment)
    return (done.stdout + done.stderr).strip()


def expect(answer, *queries):
    got = psql(*queries)
    must(answer in got, f"{queries[-1]}: {got}")


class Postgresql(Service):
    policy = "postgresql"
    governed = ["postgresql.service", "postgresql@*.service"]

    def __init__(self):
        version = os.path.basename(glob.glob("/etc/postgresql/*")[0])
        self.unit = f"postgresql@{version}-main.service"
        self._config = f"/etc/postgresql/{version}/main/conf.d/test.conf"
        self._log = f"/var/log/postgresql/postgresql-{version}-main.log"
        self._elsewhere = Elsewhere(port=PORT + 2)

    def prepare(self):
        write(self._config, "fsync = off\n")
        self.restart()
        must(psql("ALTER USER postgres PASSWORD 'guessed'; CREATE EXTENSION IF NOT EXISTS dblink") == "", "no superuser")

    def restart(self):
        """Both units, as an upgrade of the package does."""
        systemctl("restart", "postgresql.service", self.unit)

    def serve(self):
        wait_until(lambda: psql("SELECT 1") == "1", 60, 0.3)
        must(psql("SELECT 2", "-h", "127.0.0.1", PGPASSWORD="guessed") == "2", "no client over TCP")
        expect("20000", "DROP TABLE IF EXISTS t; CREATE TABLE t (n int, s text) WITH (autovacuum_vacuum_threshold = 1,"
               "autovacuum_vacuum_scale_factor = 0); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g;"
               "SELECT count(*) FROM t; DELETE FROM t WHERE n < 9")

    def work(self):
        expect("Disk:", "SET work_mem = '64kB'; EXPLAIN ANALYZE SELECT * FROM t ORDER BY s")
        expect("Workers Launched: 1", "SET max_parallel_workers_per_gather = 1; SET parallel_setup_cost = 0;"
               "SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; EXPLAIN ANALYZE SELECT count(*) FROM t")
        expect("JIT:", "SET jit_above_cost = 0; EXPLAIN ANALYZE SELECT sum(n) FROM t")
        self._configure("SET autovacuum_naptime = 1")
        must(wait_until(lambda: psql("SELECT autovacuum_count > 0 FROM pg_stat_user_tables WHERE relname = 't'") == "t",
                        120, 0.5), "autovacuum never came")
        self._configure("RESET autovacuum_naptime")
        must(psql("CHECKPOINT") == "", "no CHECKPOINT")

    @staticmethod
    def _configure(what):
        must(psql(f"ALTER SYSTEM {what}") == "" and psql("SELECT pg_reload_conf()") == "t", what)

    def rotate(self):
        """As the package has it: copied, and truncated. The log of what is written is switched, too."""
        shutil.copy(self._log, f"{self._log}.1")
        os.truncate(self._log, 0)
        psql("SELECT pg_switch_wal()")
        psql("no such statement")
        must(wait_until(lambda: os.path.getsize(self._log) > 0, 60), f"{self._log} stays empty")

    def attacks(self):
        return [
            Attack("it reads a private file", lambda: TEXT in psql(f"SELECT pg_read_file('{SECRET}')"), "file", SECRET),
            Attack("it reads /etc/machine-id into a table", self._copy, "file", "/etc/machine-id"),
            Attack("it runs a program", self._program, "exec", "/usr/bin/uname"),
            Attack("it connects to another server", self._connect, "network", self._elsewhere.endpoint),
        ]

    @staticmethod
    def _copy():
        return psql("CREATE TEMP TABLE a (s text); COPY a FROM '/etc/machine-id'; SELECT length(s) FROM a") == "32"

    @staticmethod
    def _program():
        return "Linux" in psql("CREATE TEMP TABLE a (s text); COPY a FROM PROGRAM 'uname'; SELECT s FROM a")

    def _connect(self):
        return self.reaches(
            self._elsewhere,
            lambda: psql(f"SELECT dblink_connect('hostaddr=127.0.0.1 port={PORT + 2} password=x connect_timeout=2')"))
