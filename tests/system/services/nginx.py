# SPDX-License-Identifier: GPL-2.0-or-later
"""A web server with a mistake or two in its configuration."""

import http.client
import os
import shutil

from host import run, wait_until, write
from services.elsewhere import PORT, PRIVATE, TEXT, Elsewhere
from services.service import Attack, Service, must, systemctl

SITE = "/etc/nginx/sites-enabled/default"
LOG = "/var/log/nginx/access.log"
MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
LOAD = "/etc/nginx/modules-enabled/00-dropped.conf"
BIG = "x" * 300000
DROPPED = "/var/lib/nginx/body/dropped.so"


def get(path, host="localhost", body=None):
    """The status, and the body as text."""
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("POST" if body else "GET", path, body)
    with connection.getresponse() as answer:
        return answer.status, answer.read().decode()


class Nginx(Service):
    policy = "nginx"
    unit = "nginx.service"

    def __init__(self):
        self._elsewhere = Elsewhere()

    def prepare(self):
        write("/srv/www/index.html", "hello, world\n")
        write("/srv/www/big", BIG)
        write(SITE, f"""
            server {{
                listen 80 default_server;
                listen [::]:80 default_server;
                root /srv/www;
                location /private/ {{ alias {PRIVATE}/; }}
                location /elsewhere {{ proxy_pass http://127.0.0.1:{PORT}/; }}
                location /upload {{ client_max_body_size 2m; proxy_pass http://localhost:80/sink; }}
                location /sink {{ return 204; }}
            }}
            """)
        self.restart()

    def serve(self):
        must(get("/index.html") == (200, "hello, world\n"), "no page")
        must(get("/big", "127.0.0.1") == get("/big", "[::1]") == (200, BIG), "no big page over IPv4 and IPv6")
        must(get("/upload", body=BIG) == (204, ""), "no upload to what is behind it")
        must(get("/absent")[0] == 404, "no 404 for what is not there")

    def rotate(self):
        os.rename(LOG, f"{LOG}.1")
        systemctl("kill", "-s", "USR1", "--kill-who=main", self.unit)
        must(wait_until(lambda: os.path.exists(LOG), 60), f"{LOG} was not opened again")
        get("/index.html")
        must(wait_until(lambda: os.path.getsize(LOG) > 0, 60), f"{LOG} stays empty")

    def attacks(self):
        return [
            Attack("it hands out a private file", lambda: TEXT in get("/private/secret")[1], "file", f"{PRIVATE}/secret"),
            Attack("it reaches another server", lambda: "elsewhere" in get("/elsewhere")[1], "network",
                   self._elsewhere.endpoint),
            Attack("it loads a module that was dropped where it writes", self._load, "exec", DROPPED),
        ]

    @staticmethod
    def _load():
        """The file can be read, so that it is for [exec] to refuse."""
        os.makedirs(os.path.dirname(DROPPED), exist_ok=True)
        shutil.copy(MODULE, DROPPED)
        hidden = [name for name in os.listdir("/etc/nginx/modules-enabled") if "echo" in name]
        links = {name: os.readlink(f"/etc/nginx/modules-enabled/{name}") for name in hidden}
        for name in hidden:  # the same module, which is not loaded twice
            os.unlink(f"/etc/nginx/modules-enabled/{name}")
        write(LOAD, f"load_module {DROPPED};\n")
        try:
            return run("systemctl", "reload", "nginx", check=False).returncode == 0
        finally:
            os.unlink(LOAD)
            for name, target in links.items():
                os.symlink(target, f"/etc/nginx/modules-enabled/{name}")
            run("systemctl", "reload", "nginx", check=False)
