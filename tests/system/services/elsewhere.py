# SPDX-License-Identifier: GPL-2.0-or-later
"""What no service has any business with: a file that all may read, and servers that count who came."""

import os
import shutil
import socket
import threading

from host import write

PRIVATE = "/srv/private"
SECRET = f"{PRIVATE}/secret"
TEXT = "the family silver"
PORT = 9999


def make_private():
    """Readable by all, so that only a policy keeps anybody away from it."""
    shutil.rmtree(PRIVATE, ignore_errors=True)
    os.makedirs(PRIVATE, 0o755)
    write(SECRET, f"{TEXT}\n")


class Elsewhere:
    """A server of TCP or UDP that answers everybody alike. `visits` only grows; `endpoint` is a glob."""

    ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nelsewhere"

    def __init__(self, type_=socket.SOCK_STREAM, port=PORT):
        self.visits = 0
        self.endpoint = f"*:127.0.0.1:{port}"
        self._socket = socket.socket(socket.AF_INET, type_)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        if type_ == socket.SOCK_STREAM:
            self._socket.listen(16)
        threading.Thread(target=self._stream if type_ == socket.SOCK_STREAM else self._datagram, daemon=True).start()

    def _stream(self):
        while True:
            peer, _ = self._socket.accept()
            self.visits += 1
            with peer:
                peer.settimeout(2)
                try:
                    peer.recv(4096)
                    peer.sendall(self.ANSWER)
                except OSError:
                    pass

    def _datagram(self):
        while True:
            self._socket.recvfrom(4096)
            self.visits += 1
