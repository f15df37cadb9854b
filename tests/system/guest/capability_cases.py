# SPDX-License-Identifier: GPL-2.0-or-later
"""Capabilities, each by something that the kernel wants it for, and nothing else."""

import os
import shutil
import subprocess

from battery import Group, Step
from host import PROBE, run

STRANGER = 65534


def theirs(place):
    """The step's file is somebody else's, and closed to all."""
    os.chown(f"{place.d}/file", STRANGER, STRANGER)
    os.chmod(f"{place.d}/file", 0)


def process(place):
    """The step's file holds the number of a process of somebody else's."""
    sleeper = subprocess.Popen(["sleep", "600"], user=STRANGER, group=STRANGER, extra_groups=[])
    with open(f"{place.d}/file", "w") as file:
        file.write(str(sleeper.pid))


def set_uid(place):
    shutil.copy(PROBE, f"{place.d}/probe")
    os.chmod(f"{place.d}/probe", 0o4755)


def overlay(place):
    for name in ("lower", "upper", "work", "merged"):
        os.makedirs(f"{place.d}/{name}", exist_ok=True)
    with open(f"{place.d}/lower/file", "w") as file:
        file.write("content\n")
    run("mount", "-t", "overlay", "none", f"{place.d}/merged",
        "-o", f"lowerdir={place.d}/lower,upperdir={place.d}/upper,workdir={place.d}/work")


# By name: what is tried; how the kernel refuses; what has to be there. Most are EPERM.
TRIES = {
    "chown": ("cap chown @d/file", {}),
    "dac_override": ("write @d/file", {"refused": "EACCES", "prepare": theirs}),
    "dac_read_search": ("read @d/file", {"refused": "EACCES", "prepare": theirs}),
    "fowner": ("chmod @d/file", {"prepare": theirs}),
    "fsetid": ("cap fsetid @d/file", {"prepare": lambda place: os.chown(f"{place.d}/file", 0, STRANGER)}),
    "kill": ("cap kill @d/file", {"prepare": process}),
    "setgid": ("cap setgid -", {}),
    "setuid": ("cap setuid -", {}),
    "setpcap": ("cap setpcap -", {}),
    "linux_immutable": ("cap linux_immutable @d/file", {}),
    "net_bind_service": ("bind tcp 127.0.0.1 81", {"refused": "EACCES"}),
    "net_admin": ("cap net_admin -", {}),
    "net_raw": ("cap net_raw -", {}),
    "ipc_lock": ("cap ipc_lock -", {}),
    "ipc_owner": ("cap ipc_owner -", {"refused": "EACCES"}),
    "sys_module": ("cap sys_module -", {}),
    "sys_rawio": ("cap sys_rawio -", {}),
    "sys_chroot": ("cap sys_chroot -", {}),
    "sys_ptrace": ("cap sys_ptrace @d/file", {"prepare": process}),
    "sys_pacct": ("cap sys_pacct -", {}),
    "sys_admin": ("cap sys_admin -", {}),
    "sys_boot": ("cap sys_boot -", {}),
    "sys_nice": ("cap sys_nice -", {"refused": "EACCES"}),
    "sys_resource": ("cap sys_resource -", {}),
    "sys_time": ("cap sys_time -", {}),
    "sys_tty_config": ("cap sys_tty_config -", {}),
    "mknod": ("cap mknod @d/file", {}),
    "lease": ("cap lease @d/file",
              {"refused": "EACCES", "prepare": lambda place: os.chown(f"{place.d}/file", STRANGER, STRANGER)}),
    "audit_write": ("cap audit_write -", {}),
    "audit_control": ("cap audit_control -", {}),
    "audit_read": ("cap audit_read -", {}),
    "setfcap": ("cap setfcap @d/file", {}),
    "syslog": ("cap syslog -", {}),
    "wake_alarm": ("cap wake_alarm -", {}),
    "perfmon": ("cap perfmon -", {"refused": "EACCES"}),
    "bpf": ("cap bpf -", {}),
    "checkpoint_restore": ("cap checkpoint_restore -", {}),
}

# What the kernel asks for next when there is the first one not.
ALSO = {"dac_read_search": "dac_override", "perfmon": "sys_admin", "bpf": "sys_admin",
        "checkpoint_restore": "sys_admin"}
if os.uname().release.startswith("6.1."):
    ALSO["syslog"] = "sys_admin"
# And what it asks for several times.
TIMES = {"fsetid": 2}

NAMES = "".join(f'  "{name}", # capability.deny[{number}]\n' for number, name in enumerate(TRIES))
DENY = f"[capability]\ndeny = [\n{NAMES}]\n"


def events(name):
    return TIMES.get(name, 1) + sum(other == name for other in ALSO.values())


def step(name, rule, capability="", tries="", how="--fork", **options):
    """Mostly without a neighbour of its own: the other steps are, and the other unit."""
    tried, more = TRIES.get(capability or name, ("", {}))
    options = {"refused": "EPERM", "elsewhere": None, **more, **options}
    return Step(name, f"{how} {tries or tried}", rule, "capability", capability or name, **options)


def by_name():
    return [step(name, f"capability.deny[{number}]", events=events(name)) for number, name in enumerate(TRIES)]


DEFAULT = '''
[capability]
default = "deny" # capability.default
allow = ["chown", "CAP_NET_BIND_SERVICE", "SetUID"]
'''

DEFAULT_STEPS = [
    step("chown", "", refused=""),
    step("net_bind_service", "", refused=""),
    step("setuid", "", refused=""),
    step("setgid", "capability.default"),
    step("net_raw", "capability.default", elsewhere="bind tcp 127.0.0.1 8081"),
    step("often", "capability.default", "sys_chroot", count=50),
    step("thread", "capability.default", "sys_time", how="--thread"),
    step("in-a-user-namespace", "capability.default", "sys_chroot", tries="newuser , chroot /"),
    # The kernel would do without, and does not audit that it may not. So we do not, either.
    step("looks-whether-it-might", "", "sys_admin", tries="seccomp", refused="EACCES"),
    # What overlayfs does below goes by the credentials of who mounted it.
    step("overlay", "", tries="write @d/merged/file", refused="", prepare=overlay),
    # But not what a process does by credentials that it has kept.
    step("kept-credentials", "capability.default", "dac_override", tries="ring-personality @d/file", refused="EACCES",
         prepare=theirs),
]

SET_UID = '''
[capability]
default = "deny" # capability.default
'''

SET_UID_STEPS = [
    step("set-uid", "capability.default", "net_raw", tries="setuidcap @d/probe net_raw", prepare=set_uid),
    step("user-namespace", "capability.default", "sys_chroot", tries="newuser , chroot /"),
    step("mount-namespace", "capability.default", "sys_admin", tries="unshare-user"),
]

AUDIT = '''
mode = "audit"
[capability]
deny = [
  "sys_chroot", # capability.deny[0]
]
'''

GROUPS = [
    Group("cap-deny", DENY, by_name()),
    Group("cap-default", DEFAULT, DEFAULT_STEPS),
    Group("cap-set-uid", SET_UID, SET_UID_STEPS, service=("User=nobody",)),
    Group("cap-audit", AUDIT, [
        step("sys_chroot", "capability.deny[0]", refused="", action="would-deny"),
    ]),
    # Every policy must permit; of those that refuse, the one that does so in earnest speaks.
    Group("cap-several", AUDIT.replace("# capability.deny[0]", ""), [
        step("sys_chroot", "capability.default"),
    ], more={"et-cap-several-2": SET_UID}),
]
