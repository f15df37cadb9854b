# SPDX-License-Identifier: GPL-2.0-or-later
"""A refusal of each kind, with the policy that it comes from, and what is tried next to it."""

import os
import shutil
from dataclasses import dataclass, field

from host import POLICIES, PROBE, ROOT, write
from peers import LOCALS

VENDOR = "/usr/lib/enforced/policy.d"
AGAIN = "what is in force would refuse it again"
UNCLEAR = "whether it would be refused again depends on more than the event tells"


@dataclass
class Case:
    name: str
    policy: str        # "@d": the directory of the case
    rule: str          # key of the rule that refuses; its line ends with it as a comment
    tries: str         # the probe's words for what is explained
    operation: str     # as the event has it; a "*" at the end of the object stands for anything
    object: str
    near: list         # words for what is tried before, and stays refused
    does: list = field(default_factory=lambda: ["put"])  # what there is to do
    beyond: str = ""
    second: str = ""   # another policy of the unit, that comes behind the first
    directory: str = POLICIES
    word: str = "refused"
    now: str = AGAIN
    after: str = "what is in force would permit it"  # instead, with the change

    @property
    def unit(self):
        return f"et-explain-{self.name}.service"

    @property
    def steps(self):
        return len(self.near) + 1

    @property
    def refuses(self):
        return "kill" if self.word == "killed" else "deny"

    def expand(self, text):
        return text.replace("@d", f"{ROOT}/explain/{self.name}")

    def files(self):
        texts = {"a": self.policy, **({"b": self.second} if self.second else {})}
        return {f"{self.directory}/et-explain-{self.name}-{suffix}.toml": f'units = ["{self.unit}"]\n{self.expand(text)}'
                for suffix, text in texts.items()}

    def place(self):
        """Key, policy, and file with line of the rule that refuses."""
        for path, text in self.files().items():
            for number, line in enumerate(text.splitlines(), 1):
                if line.rpartition("# ")[2] == self.rule:
                    return self.rule, os.path.basename(path)[:-len(".toml")], f"{path}:{number}"
        raise KeyError(f"{self.name}: no line is marked {self.rule}")

    def command(self):
        words = [PROBE]
        for text in [*self.near, self.tries]:
            words += ["+"] * (len(words) > 1) + self.expand(text).split()
        return words

    def is_event(self, entry):
        wanted, found = self.expand(self.object), entry.get("ENFORCED_OBJECT", "")
        same = found.startswith(wanted[:-1]) if wanted.endswith("*") else found == wanted
        return same and entry.get("ENFORCED_OPERATION") == self.operation

    def furnish(self):
        here = self.expand("@d")
        shutil.rmtree(here, ignore_errors=True)
        for name in ("to", "empty"):
            os.makedirs(f"{here}/{name}")
        for name in ("file", "other"):
            write(f"{here}/{name}", "content\n")
        for name in ("program", "second"):
            shutil.copy("/bin/true", f"{here}/{name}")
        os.link(f"{here}/file", f"{here}/to/hard")
        for address, kind in ((f"{here}/stream", "stream"), (f"{here}/dgram", "dgram"), ("\0et-local", "stream"),
                              ("\0et-other", "stream")):
            LOCALS.serve(address, kind)


DEFAULT = '''
[file]
default = "deny" # file.default
'''

# What is renamed may not gain anything by it, and needs "create" and "write" where it goes.
NAMES = '''
[file]
default = "deny" # file.default
[[file.rule]]
path   = ["@d/*", "@d/to/*"]
access = ["create", "write"]
action = "allow"
'''

LINK = '''
[[file.rule]] # file.rule[0]
path   = ["@d/file", "@d/other"]
access = ["link"]
action = "deny"
'''

RULE = '''
[[file.rule]] # file.rule[0]
path   = ["@d/*"]
access = "all"
action = "deny"

[exec]
deny = ["/nowhere"]
'''

BOTH = '''
[file]
default = "deny"
[[file.rule]]
path   = ["@d/*"]
access = ["write"]
action = "allow"

[[file.rule]] # file.rule[1]
path   = ["@d/f*", "@d/other"]
access = "all"
action = "deny"
'''

# The first goes, of the second something is left.
TWICE = '''
[[file.rule]] # file.rule[0]
path   = ["@d/file"]
access = ["read"]
action = "deny"

[[file.rule]]
path   = ["@d/*"]
access = ["read", "write"]
action = "deny"
'''

PROGRAMS = '''
[exec]
default = "deny" # exec.default
allow = ["/opt/enforced-test/probe"]
libraries = ["/usr/lib/**"]
'''

PROGRAM = '''
[exec]
deny = [
  "@d/*", # exec.deny[0]
]
'''

MEMORY = '''
[exec]
anonymous = "deny" # exec.anonymous
writable-memory = "deny" # exec.writable-memory
'''

NETWORK = '''
[network]
default = "deny" # network.default
connect.allow = ["tcp:127.0.0.1:7009"]
'''

CONNECT = '''
[network.connect]
deny = [
  "any:127.0.0.0/8", # network.connect.deny[0]
]
'''

BIND = '''
[network.bind]
deny = ["any:7300-7399"] # network.bind.deny[0]
'''

SERVE = "--errno ETIMEDOUT serve tcp"

ACCEPT = '''
[network]
default = "deny" # network.default
connect.allow = ["tcp:*"]
bind.allow = ["tcp:*"]
accept.allow = ["tcp:127.0.0.1"]
'''

ACCEPT_DENY = '''
[network.accept]
deny = ["any:127.0.0.0/8"] # network.accept.deny[0]
'''

UNIX = '''
[network.unix]
deny = [
  "@d/*", # network.unix.deny[0]
]
'''

FAMILIES = '''
[network]
families = ["inet"] # network.families
'''

CAPABILITIES = '''
[capability]
default = "deny" # capability.default
allow = ["chown"]
'''

CAPABILITY = '''
[capability]
deny = [
  "net_admin",
  "net_raw", # capability.deny[1]
]
'''

GOOD_FOR = "all else that this capability is good for"
NET_ADMIN, NET_RAW, SETGID = (f"--errno EPERM --fork cap {name} -" for name in ("net_admin", "net_raw", "setgid"))
NETLINK, PACKET, INET = "socket 16 3 0", "socket 17 3 0", "socket 2 3 1"

CASES = [
    Case("read", DEFAULT, "file.default", "read @d/file", "read", "@d/file",
         ["read @d/other", "write @d/file", "chmod @d/file"]),
    Case("write", RULE, "file.rule[0]", "write @d/file", "write", "@d/file", ["read @d/file", "write @d/other"],
         ["replace"]),
    Case("create", DEFAULT, "file.default", "mkdir @d/new", "create", "@d/new", ["mkdir @d/next", "rmdir @d/empty"]),
    Case("delete", RULE, "file.rule[0]", "unlink @d/file", "delete", "@d/file",
         ["unlink @d/other", "write @d/file", "chmod @d/file"], ["replace"]),
    Case("rename", NAMES, "file.default", "rename @d/file @d/to/new", "rename", "@d/file",
         ["rename @d/other @d/to/next", "link @d/file @d/to/linked", "unlink @d/program"], after=UNCLEAR),
    Case("link", LINK, "file.rule[0]", "link @d/file @d/to/new", "link", "@d/file", ["link @d/other @d/to/next"],
         ["replace"]),
    Case("attr", DEFAULT, "file.default", "chmod @d/file", "attr", "@d/file", ["chmod @d/other", "write @d/file"]),
    Case("kill", RULE.replace('"deny"', '"kill"', 1), "file.rule[0]", "--fork read @d/file", "read", "@d/file",
         ["--fork read @d/other", "--fork write @d/file"], ["replace"], word="killed"),
    Case("rule-and-default", BOTH, "file.rule[1]", "read @d/file", "read", "@d/file", ["read @d/other", "write @d/file"],
         ["replace", "put"]),
    Case("vendor", TWICE, "file.rule[0]", "read @d/file", "read", "@d/file", ["read @d/other", "write @d/file"],
         ["copy", "replace", "remove"], directory=VENDOR),
    # Of two that both refuse, the first by the order of file names is told of.
    Case("two-policies", DEFAULT, "file.default", "read @d/file", "read", "@d/file", ["read @d/other", "write @d/file"],
         ["put", "put"], second=DEFAULT.replace(" # file.default", "")),
    # The rule means an object that this is another name of.
    Case("identity", RULE, "file.rule[0]", "read @d/to/hard", "read", "@d/to/hard", ["read @d/file"], [], now=UNCLEAR,
         after=UNCLEAR),
    Case("mount", DEFAULT, "file.default", "--errno EPERM --fork unshare-user , tmpfs @d/to", "mount", "@d/to", ["read @d/file"], [],
         after=AGAIN),
    Case("program", PROGRAMS, "exec.default", "exec @d/program", "run", "@d/program", ["exec @d/second"]),
    Case("library", PROGRAMS, "exec.default", "map @d/program", "map", "@d/program",
         ["exec @d/program", "map @d/second"]),
    Case("program-denied", PROGRAM, "exec.deny[0]", "exec @d/program", "run", "@d/program", ["exec @d/second"]),
    Case("anonymous", MEMORY, "exec.anonymous", "execmem @d/program", "anonymous", "/memfd:probe*", ["heap"],
         beyond="running and mapping whatever has no name"),
    Case("writable-memory", MEMORY, "exec.writable-memory", "heap", "writable-memory", "", ["execmem @d/program"],
         beyond="executing whatever memory was written"),
    Case("connect-tcp", NETWORK, "network.default", "connect tcp 127.0.0.1 7001", "connect", "tcp:127.0.0.1:7001",
         ["connect tcp 127.0.0.1 7002", "connectsend udp 127.0.0.1 7001", "connect tcp 127.0.0.2 7001",
          "bind tcp 127.0.0.1 7011"]),
    Case("connect-udp", NETWORK, "network.default", "sendto udp ::1 7001", "connect", "udp:[::1]:7001",
         ["sendto udp ::1 7002", "connect tcp ::1 7001", "sendto udp fd00::1 7001"]),
    Case("connect-denied", CONNECT, "network.connect.deny[0]", "connectsend udp 127.0.0.1 7001", "connect",
         "udp:127.0.0.1:7001", ["connectsend udp 127.0.0.1 7002", "connect tcp 127.0.0.1 7001"]),
    Case("bind-tcp", NETWORK, "network.default", "bind tcp :: 7310", "bind", "tcp:[::]:7310",
         ["bind tcp :: 7311", "bind tcp ::1 7310", "bind udp :: 7310"]),
    Case("bind-denied", BIND, "network.bind.deny[0]", "bind udp 127.0.0.1 7320", "bind", "udp:127.0.0.1:7320",
         ["bind udp 127.0.0.1 7321", "bind tcp 127.0.0.1 7320", "bind udp 127.0.0.2 7320"]),
    Case("accept", ACCEPT, "network.default", f"{SERVE} 127.0.0.77", "accept", "tcp:127.0.0.77", [f"{SERVE} 127.0.0.78"]),
    Case("accept-denied", ACCEPT_DENY, "network.accept.deny[0]", f"{SERVE} 127.0.0.77", "accept", "tcp:127.0.0.77",
         [f"{SERVE} 127.0.0.78"]),
    Case("unix", NETWORK, "network.default", "unixsend @d/dgram", "unix", "@d/dgram",
         ["unixconnect stream @d/stream", "unixconnect stream @et-other"]),
    Case("unix-abstract", NETWORK, "network.default", "unixconnect stream @et-local", "unix", "@et-local",
         ["unixconnect stream @et-other", "unixsend @d/dgram"]),
    Case("unix-denied", UNIX, "network.unix.deny[0]", "unixconnect stream @d/stream", "unix", "@d/stream",
         ["unixsend @d/dgram"]),
    Case("family", FAMILIES, "network.families", NETLINK, "family", "netlink raw", [PACKET],
         beyond="sockets of this family of every type"),
    Case("raw", FAMILIES, "network.families", INET, "family", "inet raw", [NETLINK], [], after=AGAIN),
    Case("capability", CAPABILITIES, "capability.default", NET_RAW, "capability", "net_raw", [NET_ADMIN, SETGID],
         beyond=GOOD_FOR),
    Case("capability-denied", CAPABILITY, "capability.deny[1]", NET_RAW, "capability", "net_raw", [NET_ADMIN],
         beyond=GOOD_FOR),
]
