# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules about local sockets. Others listen on all that is connected to here, at paths in the step's directories and at
abstract names."""

import os
import socket
import subprocess

from battery import Group, Step
from host import wait_until
from peers import GIVERS, LOCALS


def serve(place):
    """A socket of each type, and other names of the stream socket elsewhere."""
    for kind in ("stream", "dgram", "seqpacket"):
        LOCALS.serve(f"{place.d}/{kind}", kind)
    os.symlink(f"{place.d}/stream", f"{place.o}/symlink")
    os.link(f"{place.d}/stream", f"{place.o}/hard")


def serve_bound(place):
    """In sight of a mount of the unit's directory."""
    serve(place)
    subprocess.run(["mount", "--bind", place.d, f"{place.o}/empty"], check=True)


APART = """
import socket, sys, time
made = socket.socket(socket.AF_UNIX)
made.bind(sys.argv[1])
made.listen(64)
time.sleep(600)
"""


def serve_apart(place):
    """By a process in a mount namespace of its own, as most services are."""
    subprocess.Popen(["unshare", "--mount", "--propagation", "private", "timeout", "600", "python3", "-c", APART,
                      f"{place.d}/apart"])
    wait_until(lambda: os.path.exists(f"{place.d}/apart"), 30.0)


def serve_abstract(_):
    for name in ("et-closed", "et-open-one", "et-open-not"):
        for kind in ("stream", "dgram"):
            LOCALS.serve(f"\0{name}{'-d' * (kind == 'dgram')}", kind)


def give(_):
    GIVERS.give("et-open-local", lambda: socket.socket(socket.AF_UNIX))


def step(name, tries, rule, object, prepare=serve, **options):
    return Step(name, tries, rule, "unix", object, prepare=prepare, **options)


DENY = '''
[network.unix]
deny = [
  "@root/deny/**",  # network.unix.deny[0]
  "@et-closed*",    # network.unix.deny[1]
]
'''


def denied(name, tries, object="@d/stream", **options):
    return step(name, tries, "network.unix.deny[0]", object, **options)


def closed(name, tries, elsewhere, object, **options):
    return step(name, tries, "network.unix.deny[1]", object, serve_abstract, elsewhere=elsewhere, **options)


DENY_STEPS = [
    denied("stream", "unixconnect stream @d/stream"),
    denied("often", "unixconnect stream @d/stream", count=50),
    denied("seqpacket", "unixconnect seqpacket @d/seqpacket", "@d/seqpacket"),
    denied("datagram", "unixsend @d/dgram", "@d/dgram"),
    denied("datagram-connect", "unixconnect dgram @d/dgram", "@d/dgram"),
    # Whatever the unit calls it: it is what it is bound to.
    denied("by-symlink", "unixconnect stream @o/symlink"),
    denied("by-hard-link", "unixconnect stream @o/hard"),
    denied("by-bind-mount", "unixconnect stream @o/empty/stream", prepare=serve_bound),
    denied("bound-in-another-namespace", "unixconnect stream @d/apart", "@d/apart", prepare=serve_apart),
    closed("abstract", "unixconnect stream @et-closed", "unixconnect stream @et-open-one", "@et-closed"),
    closed("abstract-datagram", "unixsend @et-closed-d", "unixsend @et-open-one-d", "@et-closed-d"),
    step("pair", "pairsend dgram", "", "", elsewhere="pairsend stream", refused=""),
]

DEFAULT = '''
[network]
default = "deny" # network.default
unix.allow = ["@root/ok/**", "@et-open-*"]
unix.deny = [
  "@et-open-not*",                  # network.unix.deny[0]
  "/run/systemd/journal/socket",    # network.unix.deny[1]
]
'''

DEFAULT_STEPS = [
    step("stream", "unixconnect stream @d/stream", "network.default", "@d/stream"),
    step("datagram", "unixsend @d/dgram", "network.default", "@d/dgram"),
    step("by-hard-link", "unixconnect stream @o/hard", "network.default", "@d/stream"),
    step("bound-in-another-namespace", "unixconnect stream @d/apart", "network.default", "@d/apart", serve_apart),
    step("abstract", "unixconnect stream @et-closed", "network.default", "@et-closed", serve_abstract,
         elsewhere="unixconnect stream @et-open-one"),
    step("deny-beats-allow", "unixconnect stream @et-open-not", "network.unix.deny[0]", "@et-open-not", serve_abstract,
         elsewhere="unixconnect stream @et-open-one"),
    step("passed", "unixconnectreceived et-open-local @d/stream", "network.default", "@d/stream",
         lambda place: (serve(place), give(place))),
    step("pair", "pairsend dgram", "", "", elsewhere="pairsend stream", refused=""),
    # What the manager hands to each service: only a rule takes it away.
    step("notify", "unixsend /run/systemd/notify", "", "", elsewhere="unixconnect stream /run/systemd/journal/stdout",
         refused=""),
    step("syslog", "unixsend /dev/log", "", "", elsewhere=None, refused=""),
    step("journal-denied", "unixsend /run/systemd/journal/socket", "network.unix.deny[1]", "/run/systemd/journal/socket",
         elsewhere=None),
    step("bus", "unixconnect stream /run/dbus/system_bus_socket", "network.default", "/run/dbus/system_bus_socket",
         elsewhere=None),
]

AUDIT = '''
mode = "audit"
[network]
default = "deny" # network.default
'''

AUDIT_STEPS = [
    step("stream", "unixconnect stream @d/stream", "network.default", "@d/stream", elsewhere=None, refused="",
         action="would-deny"),
    step("abstract", "unixsend @et-closed-d", "network.default", "@et-closed-d", serve_abstract, elsewhere=None, refused="",
         action="would-deny"),
]

GROUPS = [
    Group("unix-deny", DENY, DENY_STEPS),
    Group("unix-default", DEFAULT, DEFAULT_STEPS),
    Group("unix-audit", AUDIT, AUDIT_STEPS),
]
