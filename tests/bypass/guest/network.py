# SPDX-License-Identifier: GPL-2.0-or-later
"""Class G: the network. Somebody listens at every address and port that is connected to here (see peers.py)."""

import socket

from bypass.fixtures import PN1, PN2, PN3
from bypass.row import Fixture, Row
from network_cases import CONNECT_ALLOW, DEFAULT_STEPS, give_sockets

SCTP = "the kernel has no SCTP"
UDPLITE = "the kernel has no UDP-Lite"
RAW = ("Raw and packet types of `inet` and `inet6` are refused wherever the key is given, since what they send passes no "
       "rule.")
AUTOBIND = "nor is a local port that the kernel chooses for a socket that connects or sends without having been bound"
BAD, GOOD = "127.0.0.77", "127.0.0.76"
LISTENERS = []

LOOPBACK = Fixture("pn-loopback", '''
[network.connect]
deny = [
  "any:127.0.0.0/8", # network.connect.deny[0]
  "any:[::1]",       # network.connect.deny[1]
]
''', "network.connect.deny[0]", "connect")

V4_ONLY = Fixture("pn-v4", '''
[network.bind]
deny = [
  "tcp:0.0.0.0/0:7200", # network.bind.deny[0]
]
''', "network.bind.deny[0]", "bind")

TABLE = Fixture("pn-table", CONNECT_ALLOW)


def serve_sctp(_):
    """Nobody else listens for it."""
    if LISTENERS:
        return
    try:
        LISTENERS.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP))
        LISTENERS[-1].bind((BAD, 7001))
        LISTENERS[-1].listen(64)
    except OSError:  # the row says what the kernel lacks
        pass


def sent(name, tries, protocol="tcp", port=7001, **options):
    return PN1.denied(name, f"{tries} {port}", object=f"{protocol}:{BAD}:{port}", **options)


def socket_of(name, words, object, **options):
    return PN2.denied(name, f"socket {words}", "family", object, rule="network.families", **options)


def bound(name, tries, object, fixture=PN3, **options):
    return fixture.denied(name, tries, object=object, **options)


def tabled(step):
    """A step of the system tests and what they allow beside it."""
    found = [TABLE.denied(step.name, step.tries, step.operation, step.object, rule=step.rule, lacks=step.lacks)
             if step.refused else TABLE.allowed(step.name, step.tries, lacks=step.lacks)]
    if step.elsewhere:
        found.append(TABLE.allowed(f"beside-{step.name}", step.elsewhere))
    return found


ROWS = [
    Row("T52", 0, "G2", "connected by sending", [
        sent("fast-open", f"fastopen tcp {BAD}", port=7006),
        sent("fast-open-connect", f"fastconnect tcp {BAD}", port=7007),
        sent("mptcp", f"connect mptcp {BAD}", port=7005, lacks="the kernel has no MPTCP"),
        sent("mptcp-fast-open", f"fastopen mptcp {BAD}", port=7004, since=(6, 2)),
    ]),
    Row("T53", 0, "G5", "datagrams to another than the peer", [
        sent("sendto", f"sendto udp {BAD}", "udp", 7002),
        sent("connected", f"connectsend udp {BAD}", "udp", 7001),
        PN1.denied("connected-elsewhere", f"sendelsewhere udp {GOOD} 7003 {BAD}", object=f"udp:{BAD}:7003"),
        PN1.denied("second-of-two", f"sendmmsg udp {GOOD} 7009 {BAD}", object=f"udp:{BAD}:7009", events=2),
    ]),
    Row("T54", 0, "G6", "addresses without a family", [
        sent("sendto", f"sendunspec udp {BAD}", "udp", 7004),
        bound("bind", "bindunspec tcp 0.0.0.0 7200", "tcp:0.0.0.0:7200"),
    ]),
    Row("T55", 0, "G7", "IPv4 by an IPv6 socket", [
        sent("mapped", f"connect tcp6 ::ffff:{BAD}", port=7008),
        sent("mapped-udp", f"sendto udp6 ::ffff:{BAD}", "udp", 7005),
        sent("v4-address", f"connectsend udp6 {BAD}", "udp", 7006),
        sent("v4-address-sendto", f"sendto udp6 {BAD}", "udp", 7007),
        bound("bind-mapped", "bind tcp6 ::ffff:127.0.0.1 7201", "tcp:127.0.0.1:7201"),
    ]),
    Row("T56", 0, "G10", "UDP-Lite", [
        sent("connect", f"connectsend udplite {BAD}", "protocol-136", lacks=UDPLITE),
        sent("sendto", f"sendto udplite {BAD}", "protocol-136", 7002, lacks=UDPLITE),
        sent("mapped", f"sendto udplite6 ::ffff:{BAD}", "protocol-136", 7003, lacks=UDPLITE),
    ]),
    Row("T57", 0, "G11", "raw and packet sockets", [
        socket_of("raw", "2 3 1", "inet raw", by=("root",)),
        socket_of("raw-any", "2 3 255", "inet raw", by=("root",)),
        socket_of("raw6", "10 3 58", "inet6 raw", by=("root",)),
        socket_of("packet", "17 3 0", "packet raw", by=("root",)),
        PN1.documented("raw-without-families", "socket 2 3 1", RAW, by=("root",)),
        socket_of("xdp", "44 3 0", "xdp raw", by=("root",), lacks="the kernel has no AF_XDP"),
    ]),
    Row("T58", 1, "G14", "ping sockets", [
        PN1.denied("connect", f"connect ping {BAD} 0", object=f"protocol-1:{BAD}:0", lacks="no group may make ping sockets"),
    ]),
    Row("T59", 0, "G9", "the host itself, by no address", [
        LOOPBACK.denied("any", "connect tcp 0.0.0.0 7001", object="tcp:127.0.0.1:7001"),
        LOOPBACK.denied("any-udp", "sendto udp 0.0.0.0 7002", object="udp:127.0.0.1:7002"),
        LOOPBACK.denied("any6", "connect tcp :: 7003", object="tcp:[::1]:7003", rule="network.connect.deny[1]"),
        LOOPBACK.denied("mapped-any", "connect tcp6 ::ffff:0.0.0.0 7004", object="tcp:127.0.0.1:7004"),
    ]),
    Row("T60", 0, "G16", "ports that nobody asked for", [
        bound("listen", "listen tcp", "tcp:0.0.0.0:0"),
        bound("listen6", "listen tcp6", "tcp:[::]:0"),
        bound("port-0", "bind tcp 127.0.0.1 0", "tcp:127.0.0.1:0"),
        PN2.documented("autobind", "connect tcp 127.0.0.1 7001", AUTOBIND),
    ]),
    Row("T61", 0, "G19", "IPv6 that serves IPv4, too", [
        bound("dual-stack", "bind tcp :: 7200", "tcp:[::]:7200", V4_ONLY),
        V4_ONLY.allowed("v6-only", "bindonly6 tcp :: 7200"),
    ]),
    Row("T64", 2, "G15", "SCTP, by the options of its sockets", [
        PN1.denied("connect", f"connect sctp {BAD} 7001", object=f"protocol-132:{BAD}:7001", prepare=serve_sctp,
                   lacks=SCTP),
        PN1.denied("connect-by-an-option", f"connectx {BAD} 7001", object=f"protocol-132:{BAD}:7001", lacks=SCTP),
        PN2.denied("bind-by-an-option", "bindx 127.0.0.1 0", "bind", "protocol-132:127.0.0.1:0", lacks=SCTP),
    ]),
    Row("T65", 0, "G30", "other families", [
        socket_of("netlink", "16 3 0", "netlink raw"),
        socket_of("vsock", "40 1 0", "vsock stream", lacks="the kernel has no vsock"),
        socket_of("alg", "38 5 0", "alg seqpacket", lacks="the kernel has no AF_ALG"),
        socket_of("tipc", "30 1 0", "tipc stream", lacks="the kernel has no TIPC"),
        socket_of("smc", "43 1 0", "smc stream", lacks="the kernel has no SMC"),
        socket_of("bluetooth", "31 3 0", "bluetooth raw", lacks="the kernel has no Bluetooth"),
        socket_of("can", "29 3 1", "can raw", lacks="the kernel has no CAN"),
        socket_of("kcm", "41 2 0", "kcm dgram", lacks="the kernel has no KCM"),
        socket_of("rds", "21 5 0", "rds seqpacket", lacks="the kernel has no RDS"),
    ]),
    Row("T67", 0, "G24", "sockets that somebody else has made", [
        sent("connect", f"connectreceived et-tcp {BAD}", prepare=give_sockets),
        sent("sendto", f"sendreceived et-udp {BAD}", "udp", 7008, prepare=give_sockets),
    ]),
    Row("T70", 1, "G34", "addresses and ports at the edges",
        [attempt for step in DEFAULT_STEPS for attempt in tabled(step)]),
]
