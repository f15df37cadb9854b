# SPDX-License-Identifier: GPL-2.0-or-later
"""Network rules. Somebody listens at every address and port that is connected to here (see peers.py)."""

import socket

from battery import Group, Step
from peers import GIVERS


def step(name, tries, elsewhere, rule, object, operation="connect", **options):
    return Step(name, tries, rule, operation, object, elsewhere=elsewhere, **options)


def give_sockets(_):
    """A socket of ours is in our cgroup, whoever uses it."""
    GIVERS.give("et-tcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    GIVERS.give("et-udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


def give_listener(_):
    GIVERS.give("et-listener", lambda: socket.create_server(("127.0.0.1", 0)))


CONNECT_DENY = '''
[network.connect]
deny = [
  "any:127.0.0.77",               # network.connect.deny[0]
  "tcp:127.0.0.1:7002-7003",      # network.connect.deny[1]
  "udp:[fd00::/64]",              # network.connect.deny[2]
  "tcp:[::1]:7003",               # network.connect.deny[3]
]
'''


def denied(name, tries, elsewhere, object, rule="network.connect.deny[0]", **options):
    return step(name, tries, elsewhere, rule, object, **options)


CONNECT_STEPS = [
    denied("tcp", "connect tcp 127.0.0.77 7009", "connect tcp 127.0.0.76 7001", "tcp:127.0.0.77:7009"),
    denied("often", "connect tcp 127.0.0.77 7004", "connect tcp 127.0.0.76 7001", "tcp:127.0.0.77:7004", count=50),
    denied("thread", "--thread connect tcp 127.0.0.77 7002", "connect tcp 127.0.0.76 7002", "tcp:127.0.0.77:7002"),
    denied("udp", "connectsend udp 127.0.0.77 7001", "connectsend udp 127.0.0.76 7001", "udp:127.0.0.77:7001"),
    denied("udp-sendto", "sendto udp 127.0.0.77 7002", "sendto udp 127.0.0.76 7002", "udp:127.0.0.77:7002"),
    denied("udp-second", "sendmmsg udp 127.0.0.76 7003 127.0.0.77", "sendto udp 127.0.0.76 7003", "udp:127.0.0.77:7003",
           events=2),
    denied("udp-unspec", "sendunspec udp 127.0.0.77 7004", "sendunspec udp 127.0.0.76 7004", "udp:127.0.0.77:7004"),
    denied("udplite", "connectsend udplite 127.0.0.77 7001", "connectsend udplite 127.0.0.76 7001",
           "protocol-136:127.0.0.77:7001", lacks="the kernel has no UDP-Lite"),
    denied("udplite-sendto", "sendto udplite 127.0.0.77 7002", "sendto udplite 127.0.0.76 7002",
           "protocol-136:127.0.0.77:7002", lacks="the kernel has no UDP-Lite"),
    denied("mptcp", "connect mptcp 127.0.0.77 7005", "connect mptcp 127.0.0.76 7005", "tcp:127.0.0.77:7005",
           lacks="the kernel has no MPTCP"),
    denied("fast-open", "fastopen tcp 127.0.0.77 7006", "fastopen tcp 127.0.0.76 7006", "tcp:127.0.0.77:7006"),
    denied("fast-open-connect", "fastconnect tcp 127.0.0.77 7007", "fastconnect tcp 127.0.0.76 7007",
           "tcp:127.0.0.77:7007"),
    denied("mapped", "connect tcp6 ::ffff:127.0.0.77 7008", "connect tcp6 ::ffff:127.0.0.76 7008", "tcp:127.0.0.77:7008"),
    denied("mapped-udp", "sendto udp6 ::ffff:127.0.0.77 7005", "sendto udp6 ::ffff:127.0.0.76 7005",
           "udp:127.0.0.77:7005"),
    denied("v4-on-v6", "connectsend udp6 127.0.0.77 7006", "connectsend udp6 127.0.0.76 7006", "udp:127.0.0.77:7006"),
    denied("v4-on-v6-sendto", "sendto udp6 127.0.0.77 7007", "sendto udp6 127.0.0.76 7007", "udp:127.0.0.77:7007"),
    denied("ping", "connect ping 127.0.0.77 0", "none", "protocol-1:127.0.0.77:0", lacks="no group may make ping sockets"),
    denied("ping-sendto", "sendto ping 127.0.0.77 0", "sendto ping 127.0.0.76 0", "protocol-1:127.0.0.77:0",
           lacks="no group may make ping sockets"),
    # The address that the socket is asked about is not the packet's.
    denied("forged", "forge 127.0.0.76 127.0.0.77", "forge 127.0.0.76 127.0.0.76", "udp:127.0.0.77:0", refused="EPERM"),
    denied("ring", "ring-connect tcp 127.0.0.77 7003", "ring-connect tcp 127.0.0.76 7003", "tcp:127.0.0.77:7003"),
    denied("passed", "connectreceived et-tcp 127.0.0.77 7001", "connectreceived et-tcp 127.0.0.76 7001",
           "tcp:127.0.0.77:7001", prepare=give_sockets),
    denied("passed-udp", "sendreceived et-udp 127.0.0.77 7008", "sendreceived et-udp 127.0.0.76 7008",
           "udp:127.0.0.77:7008", prepare=give_sockets),
    denied("range-first", "connect tcp 127.0.0.1 7002", "connect tcp 127.0.0.1 7001", "tcp:127.0.0.1:7002",
           "network.connect.deny[1]"),
    denied("range-last", "connect tcp 127.0.0.1 7003", "connect tcp 127.0.0.1 7004", "tcp:127.0.0.1:7003",
           "network.connect.deny[1]"),
    denied("range-other-protocol", "connectsend udp 127.0.0.1 7002", None, "", "", refused=""),
    denied("any-address", "fastopen tcp 0.0.0.0 7002", "connect tcp 0.0.0.0 7001", "tcp:127.0.0.1:7002",
           "network.connect.deny[1]"),
    denied("v6-net", "connectsend udp fd00::1 7001", "connectsend udp fd00:0:0:1::1 7001", "udp:[fd00::1]:7001",
           "network.connect.deny[2]"),
    denied("v6-net-sendto", "sendto udp fd00::1 7002", "sendto udp fd00:0:0:1::1 7002", "udp:[fd00::1]:7002",
           "network.connect.deny[2]"),
    denied("v6-net-tcp", "connect tcp fd00::1 7001", None, "", "", refused=""),
    denied("v6", "connect tcp ::1 7003", "connect tcp ::1 7002", "tcp:[::1]:7003", "network.connect.deny[3]"),
    denied("v6-any-address", "connect tcp :: 7003", "connect tcp :: 7002", "tcp:[::1]:7003", "network.connect.deny[3]",
           count=2),
]

CONNECT_ALLOW = '''
[network]
default = "deny" # network.default
connect.allow = ["tcp:127.0.0.1:7001", "udp:[fd00::/64]:7001", "tcp:127.1.0.0/16:7001-7002"]
connect.deny  = [
  "any:127.1.2.3", # network.connect.deny[0]
]
bind.allow = ["tcp:7100", "udp:127.0.0.1:7100-7101"]
'''


def by_default(name, tries, elsewhere, object, operation="connect", rule="network.default", **options):
    return step(name, tries, elsewhere, rule, object, operation, **options)


DEFAULT_STEPS = [
    by_default("port", "connect tcp 127.0.0.1 7002", "connect tcp 127.0.0.1 7001", "tcp:127.0.0.1:7002"),
    by_default("address", "connect tcp 127.0.0.2 7001", "connect tcp 127.0.0.1 7001", "tcp:127.0.0.2:7001"),
    by_default("protocol", "connectsend udp 127.0.0.1 7001", "connect tcp 127.0.0.1 7001", "udp:127.0.0.1:7001"),
    by_default("v6", "connect tcp ::1 7001", "connectsend udp fd00::1 7001", "tcp:[::1]:7001"),
    by_default("net-end", "connect tcp 127.2.0.0 7001", "connect tcp 127.1.255.255 7002", "tcp:127.2.0.0:7001"),
    by_default("net-start", "connect tcp 127.0.255.255 7001", "connect tcp 127.1.0.0 7001", "tcp:127.0.255.255:7001"),
    by_default("net-port", "connect tcp 127.1.0.1 7003", "connect tcp 127.1.0.1 7002", "tcp:127.1.0.1:7003"),
    step("deny-beats-allow", "connect tcp 127.1.2.3 7001", "connect tcp 127.1.2.4 7001", "network.connect.deny[0]",
         "tcp:127.1.2.3:7001"),
    by_default("fast-open", "fastopen tcp 127.0.0.1 7003", "fastopen tcp 127.0.0.1 7001", "tcp:127.0.0.1:7003"),
    by_default("udplite", "connectsend udplite 127.0.0.1 7001", None, "protocol-136:127.0.0.1:7001",
               lacks="the kernel has no UDP-Lite"),
    by_default("bind-port", "bind tcp 0.0.0.0 7101", "bind tcp 0.0.0.0 7100", "tcp:0.0.0.0:7101", "bind"),
    by_default("bind-address", "bind udp 127.0.0.2 7101", "bind udp 127.0.0.1 7101", "udp:127.0.0.2:7101", "bind"),
    by_default("bind-any-port", "bind tcp 127.0.0.1 0", "bind tcp 127.0.0.1 7100", "tcp:127.0.0.1:0", "bind"),
    by_default("bind-unspec", "bindunspec tcp 0.0.0.0 7102", "bindunspec tcp 0.0.0.0 7100", "tcp:0.0.0.0:7102", "bind"),
    by_default("bind-v6", "bind tcp :: 7103", "bind tcp :: 7100", "tcp:[::]:7103", "bind"),
    by_default("bind-mapped", "bind tcp6 ::ffff:127.0.0.1 7104", "bind tcp6 ::ffff:127.0.0.1 7100", "tcp:127.0.0.1:7104",
               "bind"),
    by_default("bind-udplite", "bind udplite 127.0.0.1 7100", None, "protocol-136:127.0.0.1:7100", "bind",
               lacks="the kernel has no UDP-Lite"),
    by_default("bind-mptcp", "bind mptcp 127.0.0.1 7105", "bind mptcp 127.0.0.1 7100", "tcp:127.0.0.1:7105", "bind",
               lacks="the kernel has no MPTCP"),
    # The port that a socket gets by connecting or sending nobody is asked about.
    by_default("autobind", "sendto udp fd00::1 7001", None, "", refused="", rule=""),
    by_default("listen-mptcp", "listen mptcp", None, "tcp:0.0.0.0:0", "bind", lacks="the kernel has no MPTCP"),
    by_default("listen", "listen tcp", None, "tcp:0.0.0.0:0", "bind"),
    by_default("listen-v6", "listen tcp6", None, "tcp:[::]:0", "bind"),
]

BIND_DENY = '''
[network.bind]
deny = [
  "tcp:7200-7201",          # network.bind.deny[0]
  "udp:127.0.0.0/8:7200",   # network.bind.deny[1]
  "tcp:0.0.0.0/0:7210",     # network.bind.deny[2]
]
'''


def bind(name, tries, elsewhere, object, rule="network.bind.deny[0]", **options):
    return step(name, tries, elsewhere, rule, object, "bind", **options)


BIND_STEPS = [
    bind("tcp", "bind tcp 127.0.0.1 7200", "bind tcp 127.0.0.1 7202", "tcp:127.0.0.1:7200"),
    bind("last", "bind tcp 127.0.0.1 7201", "bind tcp 127.0.0.1 7199", "tcp:127.0.0.1:7201"),
    bind("v6", "bind tcp ::1 7200", "bind tcp ::1 7202", "tcp:[::1]:7200"),
    bind("any", "bind tcp 0.0.0.0 7200", "bind tcp 0.0.0.0 7202", "tcp:0.0.0.0:7200"),
    bind("unspec", "bindunspec tcp 0.0.0.0 7201", "bindunspec tcp 0.0.0.0 7202", "tcp:0.0.0.0:7201"),
    bind("udp-net", "bind udp 127.9.9.9 7200", "bind udp 127.9.9.9 7201", "udp:127.9.9.9:7200", "network.bind.deny[1]"),
    # What is bound to every IPv6 address takes connections to IPv4 addresses too, unless it is told not to.
    bind("dual-stack", "bind tcp :: 7210", "bindonly6 tcp :: 7210", "tcp:[::]:7210", "network.bind.deny[2]"),
]

FAMILIES = '''
[network]
families = ["inet", "unix"] # network.families
'''


def family(name, tries, elsewhere, object, **options):
    return step(name, tries, elsewhere, "network.families", object, "family", **options)


# Numbers of families and types are those of the kernel: a probe that knew names would need headers that know them.
FAMILY_STEPS = [
    family("inet6", "socket 10 1 0", "socket 2 1 0", "inet6 stream"),
    family("inet6-often", "socket 10 2 0", "socket 2 2 0", "inet6 dgram", count=20),
    family("netlink", "socket 16 3 0", "socket 1 2 0", "netlink raw"),
    family("packet", "socket 17 3 0", "socket 1 5 0", "packet raw"),
    family("packet-old", "socket 2 10 0", "socket 2 2 0", "packet packet", lacks="the kernel has no SOCK_PACKET"),
    family("raw", "socket 2 3 1", "socket 2 2 17", "inet raw"),
    family("raw-any", "socket 2 3 255", "socket 2 1 6", "inet raw"),
    family("vsock", "socket 40 1 0", "socketpair 1", "vsock stream", lacks="the kernel has no vsock"),
    family("alg", "socket 38 5 0", "socketpair 1", "alg seqpacket", lacks="the kernel has no AF_ALG"),
    family("udplite6", "socket 10 2 136", "socket 2 2 136", "inet6 dgram", lacks="the kernel has no UDP-Lite"),
    family("mptcp6", "socket 10 1 262", "socket 2 1 262", "inet6 stream", lacks="the kernel has no MPTCP"),
    family("xdp", "socket 44 3 0", "socketpair 1", "xdp raw", lacks="the kernel has no AF_XDP"),
    family("tipc", "socket 30 5 0", "socketpair 1", "tipc seqpacket", lacks="the kernel has no TIPC"),
    family("bluetooth", "socket 31 3 1", "socketpair 1", "bluetooth raw", lacks="the kernel has no Bluetooth"),
    family("ring", "ring-socket 10 1 6", "ring-socket 2 1 6", "inet6 stream", lacks="io_uring makes no sockets here"),
]

ACCEPT = '''
[network]
default = "deny" # network.default
connect.allow = ["tcp:*"]
bind.allow = ["tcp:*"]
unix.allow = ["@et-*"]
accept.allow = ["tcp:127.0.0.0/30", "any:[::1]"]
accept.deny = [
  "any:127.0.0.2", # network.accept.deny[0]
]
'''


def accept(name, peer, elsewhere="serve tcp 127.0.0.1", tries="serve tcp", rule="network.default", **options):
    """What is not let in gets no answer."""
    object = f"tcp:[{peer}]" if ":" in peer else f"tcp:{peer}"
    return step(name, f"{tries} {peer}", elsewhere, rule, object, "accept", refused="ETIMEDOUT", **options)


ACCEPT_STEPS = [
    accept("tcp", "127.0.0.77"),
    accept("net-end", "127.0.0.4", "serve tcp 127.0.0.3"),
    accept("deny-beats-allow", "127.0.0.2", rule="network.accept.deny[0]"),
    accept("v6", "fd00::1", "serve tcp ::1"),
    accept("both-families", "127.0.0.78", "serve tcp6 127.0.0.1", "serve tcp6"),
    accept("mptcp", "127.0.0.79", "serve mptcp 127.0.0.1", "serve mptcp", lacks="the kernel has no MPTCP"),
    accept("passed", "127.0.0.80", "servereceived et-listener 127.0.0.1", "servereceived et-listener",
           prepare=give_listener),
    # Who came before the unit first asked for somebody is in the queue already.
    step("passed-before", "servequeued et-listener 127.0.0.81", None, "", "", "accept", refused="", prepare=give_listener),
]

AUDIT = '''
mode = "audit"
[network]
default = "deny" # network.default
families = ["inet"] # network.families
'''

AUDIT_STEPS = [
    step("connect", "connect tcp 127.0.0.1 7001", None, "network.default", "tcp:127.0.0.1:7001", refused="",
         action="would-deny"),
    step("sendto", "sendto udp 127.0.0.1 7001", None, "network.default", "udp:127.0.0.1:7001", refused="",
         action="would-deny"),
    step("bind", "bind tcp 127.0.0.1 7300", None, "network.default", "tcp:127.0.0.1:7300", "bind", refused="",
         action="would-deny"),
    step("family", "socket 10 1 0", None, "network.families", "inet6 stream", "family", refused="", action="would-deny"),
]

# Nothing else than the peer is spoken of.
ACCEPT_AUDIT = '''
mode = "audit"
[network]
accept.deny = ["tcp:127.0.0.0/8"] # network.accept.deny[0]
'''

ACCEPT_AUDIT_STEPS = [
    step("tcp", "serve tcp 127.0.0.77", "serve tcp ::1", "network.accept.deny[0]", "tcp:127.0.0.77", "accept", refused="",
         action="would-deny"),
]

GROUPS = [
    Group("net-connect", CONNECT_DENY, CONNECT_STEPS),
    Group("net-default", CONNECT_ALLOW, DEFAULT_STEPS),
    Group("net-bind", BIND_DENY, BIND_STEPS),
    Group("net-families", FAMILIES, FAMILY_STEPS),
    Group("net-accept", ACCEPT, ACCEPT_STEPS),
    Group("net-accept-audit", ACCEPT_AUDIT, ACCEPT_AUDIT_STEPS),
    Group("net-audit", AUDIT, AUDIT_STEPS),
]
