# SPDX-License-Identifier: GPL-2.0-or-later
"""A web server with a mistake or two in its configuration."""

import os
import shutil

from host import run, wait_until, write
from services.elsewhere import PORT, PRIVATE, TEXT, Elsewhere
from services.trial import Attack, Service, must

SITE = "/etc/nginx/sites-enabled/default"
LOG = "/var/log/nginx/access.log"
MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
LOAD = "/etc/nginx/modules-enabled/00-dropped.conf"
DROPPED = "/var/lib/nginx/body/dropped.so"


def get(path, *options):
    """The body of the answer, and behind it the status."""
    return run("curl", "-s", "-m", "10", "-w", "%{http_code}", *options, f"http://localhost{path}", check=False).stdout


class Nginx(Service):
    policy = "nginx"
    unit = "nginx.service"

    def __init__(self):
        self._elsewhere = Elsewhere()

    def prepare(self):
        write("/srv/www/index.html", "hello, world\n")
        write("/srv/www/big", "x" * 300000)
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

    def serve(self):
        must(get("/index.html") == "hello, world\n200", "no page")
        must(len(get("/big", "-4")) == 300003, "no big page over IPv4")
        must(get("/upload", "--data-binary", "@/srv/www/big").endswith("204"), "no upload to what is behind it")
        must(get("/absent").endswith("404"), "no 404 for what is not there")

    def rotate(self):
        os.rename(LOG, f"{LOG}.1")
        run("systemctl", "kill", "-s", "USR1", "--kill-who=main", self.unit)
        must(wait_until(lambda: os.path.exists(LOG)), f"{LOG} was not opened again")
        get("/index.html")
        must(wait_until(lambda: os.path.getsize(LOG) > 0), f"{LOG} stays empty")

    def attacks(self):
        return [
            Attack("it hands out a private file", lambda: TEXT in get("/private/secret"), "file", f"{PRIVATE}/secret"),
            Attack("it reaches another server", lambda: "elsewhere" in get("/elsewhere"), "network", f"*127.0.0.1*{PORT}*"),
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
