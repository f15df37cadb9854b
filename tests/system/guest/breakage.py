# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wrong with the machine, or with what is pinned."""

import contextlib
import json
import os
import shutil

from bpfcall import number_of_link
from faults import FREE, FREED, GOVERNED, NETWORK, POLICY, Faults, drop_in, hidden
from host import PINS, Journal, run, wait_until

BPFFS = "/sys/fs/bpf"
START_OVER = "What is in force stays so. To start over, which lifts it: enforced --release, then systemctl start enforced"


@contextlib.contextmanager
def full(directory):
    """A file system in memory with no room for one more byte or file."""
    filler = f"{directory}/et-filler"
    shown = os.statvfs(directory)
    before = shown.f_blocks * shown.f_frsize, shown.f_files
    used = (shown.f_blocks - shown.f_bfree) * shown.f_frsize, shown.f_files - shown.f_ffree
    run("mount", "-o", f"remount,size={used[0] + (1 << 16)},nr_inodes={used[1] + 16}", directory)
    os.mkdir(filler)
    try:
        with contextlib.suppress(OSError), open(f"{filler}/bytes", "wb", buffering=0) as file:
            while True:
                file.write(bytes(512))
        with contextlib.suppress(OSError):
            for number in range(64):
                os.close(os.open(f"{filler}/{number}", os.O_CREAT | os.O_WRONLY))
        yield
    finally:
        shutil.rmtree(filler)
        run("mount", "-o", f"remount,size={before[0]},nr_inodes={before[1]}", directory)


@contextlib.contextmanager
def journal_on_disk():
    """The journal of a machine that keeps none is in /run."""
    os.makedirs("/var/log/journal", exist_ok=True)
    run("journalctl", "--flush")
    try:
        yield
    finally:
        run("journalctl", "--relinquish-var")


class Machine(Faults):
    title = "machine"

    def tests(self):
        return [
            ("without the BPF file system it mounts it", self.no_bpffs),
            ("without the BPF file system and with no right to mount it", self.no_bpffs_and_no_mount),
            ("without the kernel's types", self.no_btf),
            ("a reload without the kernel's types", self.reload_without_btf),
            ("with a full /run", self.full_run),
        ]

    def no_bpffs(self):
        self.daemon.release()
        self.held("when it is released", FREED)
        run("umount", "-l", BPFFS)
        self.daemon.must_start()
        self.expect(os.path.isdir(f"{PINS}/links"), "nothing is pinned where all can see it")
        self.held("with the file system that it mounted")
        run("systemctl", "kill", "--signal=KILL", "enforced")
        self.held("after it was killed")
        wait_until(self.daemon.active, 30.0, 0.3)

    def no_bpffs_and_no_mount(self):
        with drop_in(f"TemporaryFileSystem={BPFFS}", "SystemCallFilter=~mount"):
            run("systemctl", "stop", "enforced")
            self.cannot_start("the BPF file system is not mounted at /sys/fs/bpf, and mounting it failed (as root: mount -t bpf "
                              "bpf /sys/fs/bpf): Operation not permitted")
            self.held("meanwhile")
        self.starts_again()

    def no_btf(self):
        run("systemctl", "stop", "enforced")
        with hidden("/sys/kernel/btf"):
            self.cannot_start("this kernel does not describe its types in /sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF=y")
            self.held("meanwhile")
        self.starts_again()

    def reload_without_btf(self):
        """What is wanted and was not loaded before cannot be loaded."""
        with hidden("/sys/kernel/btf"):
            self.daemon.policy("etf", NETWORK.replace(GOVERNED, FREE))
            self.refuses_to_reload("/sys/kernel/btf/vmlinux")
            self.held("meanwhile")
        self.daemon.policy("etf", POLICY)
        self.daemon.must_reload()
        self.held("after it was mended")

    def full_run(self):
        """Then nobody can reach it but by a signal."""
        run("systemctl", "stop", "enforced")
        shutil.rmtree("/run/enforced", ignore_errors=True)
        with journal_on_disk(), full("/run"):
            journal = Journal()
            self.daemon.must_start()
            self.says(journal, "No space left on device; systemctl reload enforced will not work, systemctl kill "
                      "--kill-who=main --signal=HUP enforced will")
            self.held("with a full /run")
            good, _ = self.daemon.reload()
            self.expect(not good, "systemctl reload worked")
            self.daemon.policy("etf", POLICY.replace("secret", "other"))
            journal = Journal()
            run("systemctl", "kill", "--kill-who=main", "--signal=HUP", "enforced")
            self.says(journal, "1 policy in force for ")
            self.held("by a signal, under another policy", FREED)
        self.daemon.policy("etf", POLICY)
        self.daemon.restart()
        self.held("after it was mended")


class Pinned(Faults):
    """Who finds foreign or broken pins names one of them and touches none."""

    title = "pins"
    old = f"{BPFFS}/et-old"  # a link from before we started over

    def tests(self):
        return [
            ("a map is missing, and starting over helps", self.missing_map),
            ("a link is somebody else's", self.foreign_link),
            ("a link is of another hook", self.link_of_another_hook),
            ("a map is not one of ours", self.foreign_map),
            ("what should be a map is a link", self.not_a_map),
            ("what should be a link is a map", self.not_a_link),
            ("another version wrote them", self.other_version),
            ("the links are there and the maps are not", self.only_links),
            ("what somebody removes while it runs is pinned anew", self.removed),
            ("the file system is unmounted while it runs", self.unmounted),
        ]

    def broken(self, *texts):
        """To be called with the daemon stopped and its pins out of order."""
        before = self.pins()
        self.cannot_start(*texts, START_OVER)
        self.held("with broken pins")
        self.expect(self.pins() == before, f"of {before} there is {self.pins()}")

    @staticmethod
    def pins():
        return sorted(os.path.join(where, name) for where, _, names in os.walk(PINS) for name in names)

    @contextlib.contextmanager
    def aside(self, pin):
        """Stopped, and with something else, or nothing, in the place of a pin. What it keeps in force stays so."""
        run("systemctl", "stop", "enforced")
        os.rename(f"{PINS}/{pin}", f"{BPFFS}/et-aside")
        try:
            yield f"{PINS}/{pin}"
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{PINS}/{pin}")
            os.rename(f"{BPFFS}/et-aside", f"{PINS}/{pin}")
        self.starts_again()

    def missing_map(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.old)
        run("bpftool", "link", "pin", "id", str(link_id("file_receive")), self.old)
        run("systemctl", "stop", "enforced")
        os.unlink(f"{PINS}/maps/labels")
        self.broken(f"{PINS}/maps/labels is missing")
        done = run("/usr/sbin/enforced", "--release", check=False)
        self.expect(done.returncode == 0, f"enforced --release: {done.stdout}{done.stderr}")
        self.held("after enforced --release", FREED)
        self.starts_again()

    def foreign_link(self):
        with self.aside("links/file_receive") as pin:
            os.rename(self.old, pin)
            self.broken(f"{pin} belongs to somebody else")

    def link_of_another_hook(self):
        with self.aside("links/file_receive") as pin:
            run("bpftool", "link", "pin", "id", str(link_id("file_open")), pin)
            self.broken(f"{pin} is the link of another hook: its program is file_open")

    def foreign_map(self):
        with self.aside("maps/counters") as pin:
            run("bpftool", "map", "create", pin, "type", "hash", "key", "16", "value", "4", "entries", "65536", "name", "foreign",
                "flags", "1")
            self.broken(f"{pin} has a value size of 4, not 16")

    def not_a_map(self):
        with self.aside("maps/labels") as pin:
            run("bpftool", "link", "pin", "id", str(link_id("file_open")), pin)
            self.broken(f"{pin} is not a map")

    def not_a_link(self):
        with self.aside("links/path_link") as pin:
            run("bpftool", "map", "pin", "pinned", f"{PINS}/maps/control", pin)
            self.broken(f"{pin} is not a link")

    def other_version(self):
        run("systemctl", "stop", "enforced")
        ours = set_version(99)
        self.broken(f"{PINS}/maps/control is of version 99, and this enforced knows only version {ours}")
        set_version(ours)
        self.starts_again()

    def only_links(self):
        run("systemctl", "stop", "enforced")
        os.rename(f"{PINS}/maps", f"{BPFFS}/et-maps")
        self.broken(f"{PINS}/links/", "is there, but none of our maps")
        os.rename(f"{BPFFS}/et-maps", f"{PINS}/maps")
        self.starts_again()

    def pinned_anew(self, journal, before):
        self.says(journal, f" of the pins below {PINS}, which keep the policies in force without the daemon; they are back")
        self.expect(self.pins() == before, f"of {before} there is {self.pins()}")
        run("systemctl", "stop", "enforced")
        self.held("after it was stopped")
        self.starts_again()

    def removed(self):
        before, journal = self.pins(), Journal()
        os.unlink(f"{PINS}/maps/units")
        os.unlink(f"{PINS}/links/file_open")
        self.daemon.must_reload()
        self.pinned_anew(journal, before)

    def unmounted(self):
        before, journal = self.pins(), Journal()
        run("umount", "-l", BPFFS)
        self.pinned_anew(journal, before)


def set_version(number):
    """Of what is pinned: the first byte in the map `control`. Returns what it was."""
    control = f"{PINS}/maps/control"
    value = json.loads(run("bpftool", "-j", "map", "dump", "pinned", control).stdout)[0]["value"]
    run("bpftool", "map", "update", "pinned", control, "key", "hex", "00", "00", "00", "00", "value", "hex",
        f"{number:02x}", *(one[2:] for one in value[1:]))
    return int(value[0], 16)


def link_id(hook):
    return number_of_link(f"{PINS}/links/{hook}")


SUITES = (Machine, Pinned)
