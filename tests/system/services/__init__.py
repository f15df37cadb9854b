# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own services, each under a default-deny policy: a suite of all, and one for each of them.

ENFORCED_TEST_MODE=audit shows all at once what a policy lacks."""

import os

from host import UNITS, Units, write
from services.cron import Cron
from services.elsewhere import make_private
from services.nginx import Nginx
from services.postgresql import Postgresql
from services.redis import Redis
from services.ssh import Ssh
from services.trial import Trials

SERVICES = {"nginx": Nginx, "redis": Redis, "postgresql": Postgresql, "ssh": Ssh, "cron": Cron}


def trials(*services):
    def suite(report, daemon):
        make_private()
        write(f"{UNITS}/service.d/often.conf", "[Unit]\nStartLimitIntervalSec=0\n")
        Units.reload()
        daemon.forget()
        daemon.must_start()
        Trials(report, daemon, [service() for service in services]).run(os.environ.get("ENFORCED_TEST_MODE") or "enforce")
    return suite


SUITES = {"services": trials(*SERVICES.values()), **{name: trials(service) for name, service in SERVICES.items()}}
