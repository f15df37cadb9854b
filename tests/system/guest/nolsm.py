# SPDX-License-Identifier: GPL-2.0-or-later
"""On a kernel without BPF LSM: network rules are held by cgroup programs, and everything else is said not to be."""

import dataclasses

import network_cases
from battery import Group, Step
from faults import GOVERNED, Faults
from features import Features
from host import POLICIES, PROBE, ROOT, Journal, run

WARN = 'on-unsupported = "warn"\n'

# What only LSM hooks see, so that it comes through here.
ONLY_BY_LSM = ("udplite", "listen", "listen-v6", "listen-mptcp", "ping-sendto")
INTERNET_FAMILIES = ("inet6", "inet6-often", "raw", "raw-any", "ring")


def by_cgroup(step):
    """The same step, as cgroup programs answer it: with EPERM."""
    if step.name in ONLY_BY_LSM:
        return dataclasses.replace(step, refused="", rule="")
    if step.name == "dual-stack":  # whether a socket is for IPv6 only is not told to them: both are refused
        step = dataclasses.replace(step, elsewhere="bindonly6 tcp :: 7211")
    return dataclasses.replace(step, refused="EPERM" if step.refused else "")


def group(name, policy, steps, more=""):
    return Group(f"nolsm-{name}", WARN + policy + more, [by_cgroup(step) for step in steps])


# Of these not one is in force, and so everything that they forbid works.
REST = f'''
[[file.rule]]
path = ["{ROOT}/nolsm-default/deny/**"]
access = "all"
action = "deny"
[exec]
default = "deny"
anonymous = "deny"
writable-memory = "deny"
'''

REST_STEPS = [
    Step("file", "read @d/file", refused="", elsewhere=None),
    Step("exec", f"exec {PROBE}", refused="", elsewhere=None),
    Step("anonymous", f"execmem {PROBE}", refused="", elsewhere=None),
    Step("families-other", "socket 16 3 0", refused="", elsewhere=None),
]

GROUPS = [
    group("connect", network_cases.CONNECT_DENY, network_cases.CONNECT_STEPS),
    group("default", network_cases.CONNECT_ALLOW, network_cases.DEFAULT_STEPS + REST_STEPS, REST),
    group("bind", network_cases.BIND_DENY, network_cases.BIND_STEPS),
    group("families", network_cases.FAMILIES,
          [step for step in network_cases.FAMILY_STEPS if step.name in INTERNET_FAMILIES]),
    group("audit", network_cases.AUDIT, network_cases.AUDIT_STEPS),
]

NETWORK = f'''
units = ["{GOVERNED}"]
on-unsupported = "warn"
[network]
connect.deny = ["any:127.0.0.77"]
'''

MORE = '''
[[file.rule]]
path = ["/srv/**"]
access = "all"
action = "deny"
[exec]
deny = ["/usr/bin/false"]
writable-memory = "deny"
'''


class Unsupported(Faults):
    """What is said of what is not in force."""

    title = "unsupported"
    policy = NETWORK
    tries = ("connect", "tcp", "127.0.0.77", "7001")
    errno = "EPERM"

    def tests(self):
        return [
            ("a policy that insists is not loaded", self.refused),
            ("at the first start, only what insists is left out", self.refused_at_first),
            ("with warn, what is not in force is listed", self.listed),
            ("--features tells the truth", self.features),
        ]

    def refused(self):
        for section in ('[[file.rule]]\npath = ["/srv/**"]\naccess = "all"\naction = "deny"\n',
                        '[exec]\ndeny = ["/usr/bin/false"]\n', '[network]\nfamilies = ["inet"]\n'):
            self.daemon.policy("etf-insists", f'units = ["etf-insists.service"]\n{section}')
            line = 2 + section.startswith("[network]")
            self.refuses_to_reload(f"{POLICIES}/etf-insists.toml:{line}: ", "of policy etf-insists is not in force: it needs ",
                                   'so the whole policy is not loaded. To have the rest of it: on-unsupported = "warn"',
                                   "the policy files are not loaded: what this kernel cannot do, see above. Still: 1 policy in "
                                   "force for ")
            self.held("after the refused reload")
        self.daemon.restart()
        self.held("after a restart")

    def refused_at_first(self):
        self.daemon.release()
        self.daemon.policy("etf-insists", 'units = ["etf-insists.service"]\n[exec]\ndeny = ["/usr/bin/false"]\n')
        journal = Journal()
        self.daemon.must_start()
        self.says(journal, "exec of policy etf-insists is not in force: it needs ", "1 policy in force for ")
        self.held("with a policy that is not loaded")
        self.expect("not what the policy files say" in self.daemon.status(), f"its status is: {self.daemon.status()}")

    def listed(self):
        self.daemon.policy("etf", NETWORK + 'families = ["inet", "inet6"]\n' + MORE)
        journal = Journal()
        self.daemon.must_reload()
        wanted = ("file", "exec", "exec.writable-memory", "network.families (other than inet and inet6)")
        self.says(journal, *(f"{key} of policy etf is not in force: it needs " for key in wanted),
                  "network.connect of policy etf is in force, but not for protocols other than TCP and UDP, and processes that "
                  "have left the unit's cgroup: that needs socket_connect")
        said = [one for one in journal.daemon() if one.get("MESSAGE_ID") == "2290bce92fd24e2ea595cf385fc42b20"]
        listed = [one for one in said if " is not in force: " in one["MESSAGE"]]
        for one in said:
            self.expect(one.get("ENFORCED_FILE") == f"{POLICIES}/etf.toml" and one.get("ENFORCED_LINE", "0") != "0" and
                        one.get("ENFORCED_POLICY") == "etf" and one.get("ENFORCED_NEEDS"), f"the entry is {one}")
        status = self.daemon.status()
        self.expect(f"{len(listed)} rules not in force (journalctl -u enforced says which)" in status,
                    f"its status is: {status}; it listed {len(listed)}")
        self.held("with the rest of it in force")

    def features(self):
        """Of what the kernel is asked about only by LSM hooks nothing works, and all the rest does."""
        table = Features().hooks
        by_cgroup_program = [name for name in table if name.startswith("cgroup_")]
        by_trace = ["cgroup_mkdir", "cgroup_attach_task", "sched_process_exit"]
        by_watch = ["mnt_want_write", "mnt_want_write_file"]
        by_iterator = ["iter_task"]
        for name, said in table.items():
            if name in (*by_cgroup_program, *by_trace, *by_watch, *by_iterator):
                self.expect(said == "works", f"{name}: {said}")
            else:
                self.expect(said.startswith("absent: "), f"{name}: {said}")
        for name in ("file_open", "bprm_check_security", "socket_connect", "task_alloc"):
            self.expect(table[name] == "absent: loads, but is never asked; is bpf missing in /sys/kernel/security/lsm?",
                        f"{name}: {table[name]}")
        self.expect(len(table) > 40, f"there are only {len(table)} hooks")
        self.held("after that")


SUITES = (Unsupported,)
