# SPDX-License-Identifier: GPL-2.0-or-later
"""Class G: connections that are there already, that the kernel adds, and that go by no socket."""

import os
import socket
import threading

from bypass.engine import ended
from bypass.fixtures import PN1, PN2
from bypass.row import ROOT, USER, Fixture, Outcome, Row
from bypass.stage import AS_USER
from host import OUT, POLICIES, PROBE, Journal, Units, excerpt, run, wait_until, write
from host import ROOT as TOP

BAD, GOOD = "127.0.0.77", "127.0.0.1"
ESTABLISHED = "A socket that was connected before the policy came into force is not asked about again"
TUNNELS = "where packets are sent on to (DNAT, tunnels)"
NAMES = "Names are not looked up"
JOIN_PORT = 7290
PEERS = []

TUN = Fixture("pn1-tun", PN1.policy + '''
[[file.rule]] # file.rule[0]
path = ["/dev/net/tun"]
access = ["write"]
action = "deny"
''', "file.rule[0]", "write")

POLICY = f'''
[[file.rule]]
path = ["{TOP}/nothing"]
access = ["write"]
action = "deny"
[network.connect]
deny = ["any:{BAD}"] # network.connect.deny[0]
'''


class Several:
    """A peer whose connections have several paths, and which tells of one at the address that is denied."""

    def __init__(self):
        self.server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(("0.0.0.0", JOIN_PORT))
        self.server.listen(64)
        self.accepted = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.server.accept()
            peer.send(b"x")
            self.accepted.append(peer)


def several(_):
    if PEERS:
        return
    try:
        PEERS.append(Several())
    except OSError:
        return
    run("ip", "mptcp", "limits", "set", "subflow", "8", "add_addr_accepted", "8", check=False)
    run("ip", "mptcp", "endpoint", "add", BAD, "dev", "lo", "signal", check=False)


def tun(_):
    run("modprobe", "tun", check=False)


def established(stage):
    """Connected while nothing forbids it; then what does comes into force, and the connection is used in every way."""
    go = f"{OUT}/et-go"
    os.makedirs(OUT, exist_ok=True)
    if os.path.exists(go):
        os.unlink(go)
    units = {user: f"et-established-{user}.service" for user in (ROOT, USER)}
    steps = (f"connected tcp {BAD} 7001", f"await {go}", "connected-write", "connected-send",
             "connected-sendfile /etc/hostname", "connected-splice", f"connected-move {BAD} 7002")
    words = " + ".join(steps).split()
    write("/etc/hostname", "et\n")
    for user, unit in units.items():
        Units.write(unit, [PROBE, *words], *(AS_USER if user == USER else ()))
    Units.reload()
    run("systemctl", "start", "--no-block", *units.values())
    wait_until(lambda: all(Units.output(unit) for unit in units.values()), 60.0)
    stage.policy("et-established", f'units = ["et-established-*.service"]\n{POLICY}')
    stage.daemon.must_reload()
    journal = Journal()
    write(go, "")
    wait_until(lambda: all(ended(unit) for unit in units.values()), 60.0, 0.2)
    outcome = Outcome(documented=4 * len(units), denied=len(units))
    for unit in units.values():
        found = [line[0] for line in Units.output(unit)]
        outcome.blame("" if found == 6 * ["allowed"] + ["refused"] else f"{unit}: {' '.join(found)}")
        events = journal.settled(unit, 1)
        told = [(one["ENFORCED_RULE"], one["ENFORCED_OBJECT"]) for one in events]
        outcome.blame("" if told == [("network.connect.deny[0]", f"tcp:{BAD}:7002")] else f"{unit}: {excerpt(events)}")
    for fault in stage.misses(ESTABLISHED):
        outcome.blame(fault)
    return outcome


def added(stage):
    """The kernel adds a path where nothing forbids it; where that is denied, it tries as often as it will."""
    several(None)
    units = {user: f"et-added-{user}.service" for user in (ROOT, USER)}
    os.makedirs(OUT, exist_ok=True)
    for user, unit in units.items():
        Units.write(unit, [PROBE, "mptcpjoin", GOOD, str(JOIN_PORT)], *(AS_USER if user == USER else ()))
    Units.reload()
    Units.start(*units.values())
    found = {unit: Units.output(unit) for unit in units.values()}
    if any(lines and lines[0][0] == "untried" for lines in found.values()):
        stage.lacking += len(units)
        stage.report.say("T63: the kernel has no MPTCP")
        return Outcome()
    outcome = Outcome(denied=len(units))
    outcome.blame("" if all(lines[0][0] == "allowed" for lines in found.values()) else f"without policy: {found}")
    stage.policy("et-added", f'units = ["et-added-*.service"]\n{POLICY}')
    stage.daemon.must_reload()
    journal = Journal()
    Units.start(*units.values())
    for unit in units.values():
        outcome.blame("" if Units.output(unit)[0][0] == "refused" else f"{unit}: {Units.output(unit)}")
        told = {(one["ENFORCED_RULE"], one["ENFORCED_OBJECT"]) for one in journal.settled(unit, 1)}
        outcome.blame("" if told == {("network.connect.deny[0]", f"tcp:{BAD}:{JOIN_PORT}")} else f"{unit}: {told}")
    return outcome


def by_name(stage):
    """What a name means is for others to say: a policy that has one is none."""
    stage.policy("et-name", 'units = ["et-name.service"]\n[network.connect]\ndeny = ["tcp:example.org:443"]\n')
    good, text = stage.daemon.reload()
    outcome = Outcome(refused=1).blame("it is in force" if good else "")
    outcome.blame("" if "et-name" in text + stage.daemon.log(12) else f"nobody says which policy it is: {text}")
    os.unlink(f"{POLICIES}/et-name.toml")
    for fault in stage.misses(NAMES):
        outcome.blame(fault)
    return outcome


ROWS = [
    Row("T63", 1, "G4", "a path that the kernel adds to a connection", trial=added),
    Row("T68", 1, "G27", "a connection that was there before the policy", trial=established),
    Row("T69", 2, "G31", "packets, and names", [
        TUN.denied("tun-by-a-rule", "update /dev/net/tun", object="/dev/net/tun", prepare=tun, by=(ROOT,)),
        PN2.documented("tun", "update /dev/net/tun", TUNNELS, prepare=tun, by=(ROOT,)),
    ], trial=by_name),
]
