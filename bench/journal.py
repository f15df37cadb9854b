#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Events as the daemon writes them, and lines of their units between them, in the journal's export format: journal.py EVENTS.
One line for every five events."""

import random
import sys

START = 1_750_000_000_000_000  # µs
UNITS = 20
KINDS = [  # message id, action, priority, how often
    ("2fcce86265134265bdbd52fe7f3e1f65", "deny", 4, 8),
    ("dd40b38ada2a4874a753e0bdca9ab211", "would-deny", 5, 1),
    ("301d898401ae4b82a1e9095703b1e738", "audit", 5, 1),
]


def journald(unit, pid, comm):
    return {"_BOOT_ID": "0123456789abcdef0123456789abcdef", "_MACHINE_ID": "0123456789abcdef0123456789abcdef",
            "_HOSTNAME": "bench", "_UID": "0", "_GID": "0", "_PID": str(pid), "_COMM": comm, "_EXE": f"/usr/sbin/{comm}",
            "_TRANSPORT": "journal", "_SYSTEMD_UNIT": unit, "_SYSTEMD_CGROUP": f"/system.slice/{unit}",
            "_SYSTEMD_SLICE": "system.slice"}


def event(dice, number):
    unit = f"web{number % UNITS}.service"
    rule = dice.randrange(50)
    path = f"/srv/private/{dice.randrange(1000)}/{dice.randrange(1000)}.html"
    pid = dice.randrange(1000, 30000)
    kind, action, priority, _ = dice.choices(KINDS, [one[3] for one in KINDS])[0]
    text = f'{{ path = ["/srv/private/{rule}/**"], access = "all", action = "deny" }}'
    file = f"/etc/enforced/policy.d/{unit[:-8]}.toml"
    return {
        "MESSAGE": f"refused: nginx[{pid}] may not read {path} (policy {unit[:-8]}, {file}:{rule * 5 + 3}: {text})",
        "MESSAGE_ID": kind, "PRIORITY": str(priority), "SYSLOG_IDENTIFIER": "enforced",
        "OBJECT_SYSTEMD_UNIT": unit, "OBJECT_SYSTEMD_CGROUP": f"/system.slice/{unit}",
        "ENFORCED_EVENT": f"{dice.getrandbits(128):032x}", "ENFORCED_POLICY": unit[:-8],
        "ENFORCED_RULE": f"file.rule[{rule}]", "ENFORCED_RULE_TEXT": text, "ENFORCED_FILE": file,
        "ENFORCED_LINE": str(rule * 5 + 3), "ENFORCED_RULE_ID": str(rule * 7919), "ENFORCED_ACTION": action,
        "ENFORCED_CLASS": "file", "ENFORCED_COUNT": "1", "ENFORCED_OPERATION": "read", "ENFORCED_OBJECT": path,
        "ENFORCED_PID": str(pid), "ENFORCED_UID": "33", "ENFORCED_GID": "33", "ENFORCED_COMM": "nginx",
        "ENFORCED_EXE": "/usr/sbin/nginx", "ENFORCED_INODE": str(dice.randrange(1 << 24)), "ENFORCED_DEVICE": "254:0",
        **journald("enforced.service", 300, "enforced")}


def main():
    dice = random.Random(1)
    time = 0

    def put(fields):
        nonlocal time
        time += 1000
        lines = [f"__REALTIME_TIMESTAMP={START + time}", f"__MONOTONIC_TIMESTAMP={1_000_000 + time}",
                 *(f"{name}={value}" for name, value in fields.items())]
        sys.stdout.write("\n".join(lines) + "\n\n")

    for number in range(int(sys.argv[1])):
        put(event(dice, number))
        if number % 5 == 0:
            unit = f"web{dice.randrange(UNITS)}.service"
            put({"MESSAGE": f"GET /{number} 403", "PRIORITY": "6", **journald(unit, 400, "nginx")})


main()
