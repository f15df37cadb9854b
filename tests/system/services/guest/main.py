#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts Debian's services through their trials, as root, on a machine that may be thrown away: main.py [SERVICE...]

ENFORCED_TEST_MODE=audit shows all at once what a policy lacks."""

import os
import sys
import time
import traceback

sys.path.insert(1, "/opt/enforced-test")

# pylint: disable=wrong-import-position
from cron import Cron
from elsewhere import make_private
from host import Daemon
from nginx import Nginx
from postgresql import Postgresql
from redis import Redis
from report import Report
from ssh import Ssh
from trial import Trial

SERVICES = {"nginx": Nginx, "redis": Redis, "postgresql": Postgresql, "ssh": Ssh, "cron": Cron}


def main(wanted):
    report, daemon = Report(), Daemon()
    unknown = [name for name in wanted if name not in SERVICES]
    if unknown:
        sys.exit(f"unknown service {unknown[0]}; there are {', '.join(SERVICES)}")
    make_private()
    daemon.forget()
    daemon.must_start()
    for name in wanted or SERVICES:
        began = time.monotonic()
        report.say(name)
        try:
            Trial(report, daemon, SERVICES[name]()).run(os.environ.get("ENFORCED_TEST_MODE") or "enforce")
        except Exception as error:  # pylint: disable=broad-except # one service's end is not the others'
            report.check(f"{name} comes to its end", f"{type(error).__name__}: {error}")
            traceback.print_exc(file=sys.stdout)
        report.say(f"{name} took {time.monotonic() - began:.0f} s")
    return report.end()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
