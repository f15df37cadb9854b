# SPDX-License-Identifier: GPL-2.0-or-later
"""Who calls org.enforced1: a process of its own, of any user, that stays on the bus until it is killed."""

import json
import os
import pwd
import signal

import dbus

NAME, ROOT = "org.enforced1", "/org/enforced1"
MANAGER, PROPERTIES = "org.enforced1.Manager", "org.freedesktop.DBus.Properties"
PATIENCE = 600  # s; the first policy with file rules loads their programs, which takes its time where all is emulated


class Refused(Exception):
    """An answer that is an error."""


class Call:
    """What is called, with the arguments as their signature has them."""

    def __init__(self, method, signature="", *arguments, path=ROOT, interface=MANAGER):
        self.method, self.signature, self.arguments = method, signature, arguments
        self.path, self.interface = path, interface
        self.bus = None

    def make(self):
        """Over a connection of its own, which stays for as long as this does."""
        self.bus = dbus.SystemBus(private=True)
        return self.bus.call_blocking(NAME, self.path, self.interface, self.method, self.signature, self.arguments,
                                      timeout=PATIENCE)

    def words(self):
        """As busctl has it."""
        words = [NAME, self.path, self.interface, self.method]
        if self.signature:
            words.append(self.signature)
        for argument in self.arguments:
            if isinstance(argument, dict):
                words.append(str(len(argument)))
                for key, value in argument.items():
                    words += [key, *variant(value)]
            else:
                words += variant(argument) if isinstance(argument, Variant) else [argument]
        return words


class Variant(str):
    """A string where the signature has v."""


def variant(value):
    if isinstance(value, dbus.UInt64):
        return ["t", str(int(value))]
    if isinstance(value, bool):
        return ["b", "true" if value else "false"]
    return ["s", str(value)]


class Caller:
    """Makes one call. `answer` waits for what came of it."""

    def __init__(self, call, user="root"):
        source, sink = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(source)
            self._run(call, user, sink)
        os.close(sink)
        self._source = source

    @staticmethod
    def _run(call, user, sink):
        try:
            account = pwd.getpwnam(user)
            os.setgroups([])
            os.setresgid(*[account.pw_gid] * 3)
            os.setresuid(*[account.pw_uid] * 3)
            try:
                outcome = [True, call.make()]
            except dbus.DBusException as error:
                outcome = [False, f"{error.get_dbus_name()}: {error.get_dbus_message()}"]
            os.write(sink, json.dumps(outcome, default=str).encode())
            os.close(sink)
            signal.pause()
        finally:
            os._exit(1)

    def answer(self):
        """What the call returned; Refused if that is an error."""
        with os.fdopen(self._source) as source:
            text = source.read()
        good, answer = json.loads(text) if text else (False, "the caller ended without an answer")
        if not good:
            raise Refused(answer)
        return answer

    def kill(self):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def call(method, signature="", *arguments, user="root", **more):
    """Calls, and leaves."""
    return make(Call(method, signature, *arguments, **more), user)


def make(one, user="root"):
    caller = Caller(one, user)
    try:
        return caller.answer()
    finally:
        caller.kill()


def get(name):
    """A property of the manager."""
    return call("Get", "ss", MANAGER, name, interface=PROPERTIES)


def there():
    """Whether the daemon answers on the bus."""
    try:
        get("State")
        return True
    except Refused:
        return False
