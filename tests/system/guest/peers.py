# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is at the other end: sockets that listen at every address of this machine and take what comes, and givers of
descriptors."""

import array
import socket
import threading

from host import run

PORTS = range(7001, 7010)


class Peers:
    def __init__(self):
        run("ip", "link", "set", "lo", "up")
        for address in ("fd00::1/128", "fd00:0:0:1::1/128"):
            run("ip", "-6", "address", "add", address, "dev", "lo", "nodad", check=False)
        self._sockets = [self._listen(kind, port) for port in PORTS for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]

    @staticmethod
    def _listen(kind, port):
        """On every address of both families. Nobody accepts: the backlog is deep enough for a run."""
        made = socket.socket(socket.AF_INET6, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            made.listen(4096)
        return made


class Locals:
    """Local sockets at paths, and at abstract names, which begin with NUL. Nobody accepts, or reads."""

    def __init__(self):
        self._sockets = {}

    def serve(self, address, kind):
        """Anew, where the directory is another one by now."""
        if address.startswith("\0") and address in self._sockets:
            return
        made = socket.socket(socket.AF_UNIX, {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM,
                                              "seqpacket": socket.SOCK_SEQPACKET}[kind])
        made.bind(address)
        if kind != "dgram":
            made.listen(4096)
        self._sockets[address] = made


class Givers:
    """To each who connects to an abstract address, one descriptor, made for it."""

    def __init__(self):
        self._known = set()

    def give(self, name, make):
        if name in self._known:
            return
        self._known.add(name)
        giver = socket.socket(socket.AF_UNIX)
        giver.bind(f"\0{name}")
        giver.listen(64)
        threading.Thread(target=self._serve, args=(giver, make), daemon=True).start()

    @staticmethod
    def _serve(giver, make):
        while True:
            client, _ = giver.accept()
            with client, make() as given:
                client.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [given.fileno()]))])


GIVERS = Givers()
LOCALS = Locals()
