# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own services, each under a default-deny policy: a suite for each of them.

ENFORCED_TEST_MODE=audit shows all at once what a policy lacks."""

import os

from services.cron import Cron
from services.elsewhere import make_private
from services.nginx import Nginx
from services.postgresql import Postgresql
from services.redis import Redis
from services.ssh import Ssh
from services.trial import Trial

SERVICES = {"nginx": Nginx, "redis": Redis, "postgresql": Postgresql, "ssh": Ssh, "cron": Cron}


def trial(service):
    def suite(report, daemon):
        make_private()
        daemon.forget()
        daemon.must_start()
        Trial(report, daemon, service()).run(os.environ.get("ENFORCED_TEST_MODE") or "enforce")
    return suite


SUITES = {name: trial(service) for name, service in SERVICES.items()}
