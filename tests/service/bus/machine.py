# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine for one daemon on a bus of its own, as far as a mount namespace makes one: /etc, /run and the BPF file
system are the test's, and so are the bus, the polkit on it and the journal's socket. There is a unit's cgroup, and
the kernel's cgroup programs do the enforcing."""

import os
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from gi.repository import Gio, GLib

BUS_NAME = "org.enforced1"
ROOT = "/org/enforced1"
MANAGER = "org.enforced1.Manager"
PROPERTIES = "org.freedesktop.DBus.Properties"
ADDRESS = "unix:path=/run/dbus/system_bus_socket"
POLICIES = "/etc/enforced/policy.d"
RUNTIME = "/run/enforced/policy.d"
NOBODY, OTHER = 65534, 1  # users that every Debian has
PERMITTED_PORT, FORBIDDEN_PORT = 7, 9
PATIENCE = 60.0  # s; nothing here is measured, it only has to end

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="root">
    <allow own="org.freedesktop.PolicyKit1"/>
  </policy>
  <include>{policy}</include>
</busconfig>
"""


def isolate():
    """Begins the program anew in a mount namespace of its own, if it is not in one yet."""
    if os.environ.get("ENFORCED_TEST_ISOLATED") != "yes":
        os.environ["ENFORCED_TEST_ISOLATED"] = "yes"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    furnish()


def furnish():
    with tempfile.TemporaryDirectory() as kept:
        # What finds users and libraries.
        for name in ["passwd", "group", "nsswitch.conf", "ld.so.cache", "machine-id"]:
            if os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", kept)
        for kind, place in [("tmpfs", "/etc"), ("tmpfs", "/run"), ("bpf", "/sys/fs/bpf")]:
            subprocess.run(["mount", "-t", kind, "-o", "mode=755", kind, place], check=True)
        for name in os.listdir(kept):
            shutil.copy(f"{kept}/{name}", f"/etc/{name}")
    if not os.path.exists("/etc/machine-id"):
        with open("/etc/machine-id", "w") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
    for place in [POLICIES, "/run/dbus", "/run/systemd/journal"]:
        os.makedirs(place)
    # A checkout may be closed to the users who are to run it, as a home is.
    if "ENFORCECTL" in os.environ:
        os.environ["ENFORCECTL"] = shutil.copy(os.environ["ENFORCECTL"], "/run/enforcectl")


def cgroup_root():
    with open("/proc/self/mountinfo") as mounts:
        for line in mounts:
            fields = line.split()
            if fields[fields.index("-") + 1] == "cgroup2":
                return fields[4]
    return None


def wait_until(done, patience=PATIENCE):
    """Whether `done` came true in time."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class Client:
    """A connection to the bus, as some user."""

    def __init__(self, uid=0):
        os.seteuid(uid)
        try:
            self.connection = Gio.DBusConnection.new_for_address_sync(
                ADDRESS, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
                None, None)
        finally:
            os.seteuid(0)
        self.connection.set_exit_on_close(False)
        self.name = self.connection.get_unique_name()

    def call(self, method, signature="", *arguments, path=ROOT, interface=MANAGER, destination=BUS_NAME,
             interactive=False, timeout=PATIENCE):
        """The values of the answer: none, one, or a tuple of them."""
        answer = self.begin(method, signature, *arguments, path=path, interface=interface, destination=destination,
                            interactive=interactive, timeout=timeout)
        return answer.wait()

    def begin(self, method, signature="", *arguments, path=ROOT, interface=MANAGER, destination=BUS_NAME,
              interactive=False, timeout=PATIENCE):
        return Answer(self.connection, destination, path, interface, method,
                      GLib.Variant(f"({signature})", arguments), interactive, timeout)

    def get(self, name, path=ROOT, interface=MANAGER):
        return self.call("Get", "ss", interface, name, path=path, interface=PROPERTIES)

    def close(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)


class Answer:
    """What will be answered."""

    def __init__(self, connection, destination, path, interface, method, arguments, interactive, timeout):
        self._result = None
        flags = Gio.DBusCallFlags.NO_AUTO_START
        if interactive:
            flags |= Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
        connection.call_with_unix_fd_list(destination, path, interface, method, arguments, None, flags,
                                          int(timeout * 1000), None, None, self._take)

    def _take(self, connection, result):
        try:
            values, fds = connection.call_with_unix_fd_list_finish(result)
            self.fds = fds.steal_fds() if fds else []
            values = values.unpack()
            self._result = ("ok", values if len(values) > 1 else (values[0] if values else None))
        except GLib.Error as error:
            name = Gio.DBusError.get_remote_error(error)
            Gio.DBusError.strip_remote_error(error)
            self._result = ("error", name or "none", error.message)

    def there(self):
        while GLib.MainContext.default().iteration(False):
            pass
        return self._result is not None

    def wait(self, patience=PATIENCE * 2):
        if not wait_until(self.there, patience):
            raise TimeoutError("no answer")
        if self._result[0] == "error":
            raise Refused(*self._result[1:])
        return self._result[1]


class Bus:
    """dbus-daemon."""

    def __init__(self):
        policy = os.path.join(os.environ["ENFORCED_SOURCE"], "dbus/org.enforced1.conf")
        with open("/run/bus.conf", "w") as file:
            file.write(BUS_CONFIG.format(address=ADDRESS, policy=policy))
        self.process = subprocess.Popen(["dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile"])
        if not wait_until(lambda: os.path.exists("/run/dbus/system_bus_socket")):
            raise TimeoutError("dbus-daemon does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        if os.path.exists("/run/dbus/system_bus_socket"):
            os.unlink("/run/dbus/system_bus_socket")

    def pause(self, paused):
        self.process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)


class Polkit:
    """dbusmock's polkitd. It refuses what it was not told to allow."""

    def __init__(self):
        with open("/run/polkit.log", "a") as log:
            self.process = subprocess.Popen(
                ["/usr/bin/python3", "-m", "dbusmock", "--template", "polkitd"], stdout=log,
                env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=ADDRESS))
        self.client = Client()
        if not wait_until(self.is_there):
            raise TimeoutError("the mock of polkit does not start")

    def is_there(self):
        return self.client.call("NameHasOwner", "s", "org.freedesktop.PolicyKit1", path="/org/freedesktop/DBus",
                                interface="org.freedesktop.DBus", destination="org.freedesktop.DBus")

    def tell(self, method, signature, *arguments):
        return self.client.call(method, signature, *arguments, path="/org/freedesktop/PolicyKit1/Authority",
                                interface="org.freedesktop.DBus.Mock", destination="org.freedesktop.PolicyKit1")

    def allow(self, *actions):
        self.tell("SetAllowed", "as", list(actions))

    def hang(self, hanging):
        self.tell("SimulateHang", "b", hanging)

    def hangs(self):
        return self.tell("HaveHangingCalls", "")

    def release(self):
        self.tell("ReleaseHangingCalls", "")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Unit:
    """A cgroup that looks like a unit's."""

    def __init__(self, name=None):
        self.name = name or f"enforced-test-{os.getpid()}.service"
        self.path = os.path.join(cgroup_root(), self.name)
        os.makedirs(self.path, exist_ok=True)

    def send(self, port):
        """errno of a packet that a process of the unit sends; 0 if it went out."""
        child = os.fork()
        if not child:
            code = 255
            try:
                with open(os.path.join(self.path, "cgroup.procs"), "w") as file:
                    file.write("0")
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.sendto(b"x", ("127.0.0.1", port))
                code = 0
            except OSError as error:
                code = error.errno
            os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def remove(self):
        os.rmdir(self.path)


class Inbox:
    """A socket for datagrams that is always read: whoever writes to a full one waits."""

    def __init__(self, path):
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._messages = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while data := self._socket.recv(1 << 20):
            self._messages.put(data)

    def take(self):
        """What has come since the last time."""
        messages = []
        while not self._messages.empty():
            messages.append(self._messages.get())
        return messages

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._path)
        os.unlink(self._path)


class Daemon:
    """The daemon itself, and what it tells the journal."""

    def __init__(self):
        self.process = None
        self.journal = []
        self._entries = Inbox("/run/systemd/journal/socket")
        self._notices = Inbox("/run/notify")

    def close(self):
        self._entries.close()
        self._notices.close()

    def start(self, on_bus=True):
        with open("/run/output", "a") as output:
            self.process = subprocess.Popen([os.environ["ENFORCED"]], stdout=output, stderr=output,
                                            env=dict(os.environ, NOTIFY_SOCKET="/run/notify"))
        if not wait_until(lambda: any(b"READY=1" in notice for notice in self._notices.take())):
            self.process.kill()
            self.process.wait()
            raise TimeoutError("the daemon does not start:\n" + self.output())
        if on_bus:
            self.wait_for_name()

    def wait_for_name(self):
        client = Client()
        if not wait_until(lambda: client.call(
                "NameHasOwner", "s", BUS_NAME, path="/org/freedesktop/DBus", interface="org.freedesktop.DBus",
                destination="org.freedesktop.DBus")):
            raise TimeoutError("the daemon does not come to the bus")
        client.close()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()
        self._notices.take()

    def run(self, *options):
        return subprocess.run([os.environ["ENFORCED"], *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)

    def entries(self):
        """All that it told the journal so far."""
        self.journal += [parse_entry(data) for data in self._entries.take()]
        return self.journal

    def said(self, part):
        return any(part in entry.get("MESSAGE", "") for entry in self.entries())

    def output(self):
        with open("/run/output") as file:
            return file.read()


def parse_entry(data):
    """The journal's native protocol: NAME=VALUE, or NAME, a length in 8 bytes, VALUE."""
    entry = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = struct.unpack("<Q", rest[:8])[0]
            value, rest = rest[8:8 + size], rest[8 + size + 1:]
        entry[name.decode()] = value.decode(errors="replace")
        data = rest
    return entry


def write_policy(name, text, directory=POLICIES):
    os.makedirs(directory, exist_ok=True)
    with open(f"{directory}/{name}.toml", "w") as file:
        file.write(text)
    os.chmod(f"{directory}/{name}.toml", 0o644)


def usual_policy(unit):
    """One that lets the unit send to PERMITTED_PORT of this machine, and nowhere else."""
    return f'units = ["{unit}"]\n[network]\ndefault = "deny"\nconnect.allow = ["udp:127.0.0.1:{PERMITTED_PORT}"]\n'
