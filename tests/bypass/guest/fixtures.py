# SPDX-License-Identifier: GPL-2.0-or-later
"""The policies of the table. Files of an attempt are below @root/deny, or below @root/ok."""

from bypass.row import Fixture

# Denies reading and writing what is in a tree.
PF1 = Fixture("pf1", '''
[file] # file.default
[[file.rule]] # file.rule[0]
path = ["@root/deny/**"]
access = ["read", "write"]
action = "deny"
''', "file.rule[0]", "read", ("PrivateMounts=yes",))

# Denies what is not allowed.
PF2 = Fixture("pf2", '''
[file]
default = "deny" # file.default
[[file.rule]]
path = ["@root/ok/**", "/dev/null"]
access = "all"
action = "allow"
''', "file.default", "read", ("PrivateMounts=yes",))

# Denies changing what is in a tree.
PF3 = Fixture("pf3", '''
[file] # file.default
[[file.rule]] # file.rule[0]
path = ["@root/deny/**"]
access = ["write", "create", "delete", "rename", "link", "attr"]
action = "deny"
''', "file.rule[0]")

PX1 = Fixture("px1", '''
[exec]
deny = [
  "@root/deny/**", # exec.deny[0]
]
''', "exec.deny[0]", "run")

PX2 = Fixture("px2", '''
[exec]
default = "deny" # exec.default
allow = ["/opt/enforced-test/probe", "/usr/**", "@root/ok/**"]
libraries = ["/usr/lib/**"]
''', "exec.default", "run")

PN1 = Fixture("pn1", '''
[network.connect]
deny = [
  "any:127.0.0.77", # network.connect.deny[0]
]
''', "network.connect.deny[0]", "connect")

PN2 = Fixture("pn2", '''
[network]
default = "deny" # network.default
families = ["inet", "inet6", "unix"] # network.families
connect.allow = ["tcp:127.0.0.1:7001"]
''', "network.default", "connect")

PN3 = Fixture("pn3", '''
[network]
default = "deny" # network.default
bind.allow = ["tcp:7100"]
''', "network.default", "bind")

PM = Fixture("pm", '''
[kernel]
mount = "deny" # kernel.mount
''', "kernel.mount", "mount", ("PrivateMounts=yes",))

PT = Fixture("pt", '''
[kernel]
ptrace = "deny" # kernel.ptrace
''', "kernel.ptrace", "ptrace")

PC = Fixture("pc", '''
[capability]
deny = [
  "sys_admin",       # capability.deny[0]
  "net_raw",         # capability.deny[1]
  "dac_read_search", # capability.deny[2]
  "dac_override",    # capability.deny[3]
  "sys_chroot",      # capability.deny[4]
]
''', "capability.deny[0]", "capability")

PB = Fixture("pb", '''
[kernel]
bpf = "deny" # kernel.bpf
''', "kernel.bpf", "bpf")

PU = Fixture("pu", '''
[kernel]
io-uring = "deny" # kernel.io-uring
''', "kernel.io-uring", "io-uring")

PK = Fixture("pk", '''
[kernel]
modules = "deny" # kernel.modules
user-namespace = "deny" # kernel.user-namespace
''', "kernel.modules", "modules")

PW = Fixture("pw", '''
[kernel]
tunables = "deny" # kernel.tunables
''', "kernel.tunables", "tunables")

PS = Fixture("ps", '''
[kernel]
systemd = "deny" # kernel.systemd
''', "kernel.systemd", "systemd")
