#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures asking for events, as root, on a machine that may be thrown away: events.py DIRECTORY, which holds the journal files
that were made of bench/journal.py.

Writes the three findings to standard output. What it does is said on standard error. The exit status is 1 if something
could not be measured; a target that is missed is said."""

import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = f"{HERE}/events"
UNIT = "web7.service"
CGROUP = "/sys/fs/cgroup/system.slice/enforced.service"
MATCHES = ["_UID=0", "_SYSTEMD_UNIT=enforced.service", "MESSAGE_ID=2fcce86265134265bdbd52fe7f3e1f65",
           "MESSAGE_ID=dd40b38ada2a4874a753e0bdca9ab211", "MESSAGE_ID=301d898401ae4b82a1e9095703b1e738",
           f"OBJECT_SYSTEMD_UNIT={UNIT}", "ENFORCED_ACTION=deny"]
ROUNDS = 9
EVENTS = 100_000
WALK = 10_000
QUESTIONS = 1000
begun = time.monotonic()


def say(text):
    print(f"# {time.monotonic() - begun:6.2f} s  {text}", file=sys.stderr, flush=True)


def run(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: status {done.returncode}")
    return done.stdout


def timed(*argv):
    """Seconds, from its start to its end."""
    before = time.monotonic()
    run(*argv)
    return time.monotonic() - before


def client(*argv):
    """Seconds of each call."""
    return [int(line) / 1e9 for line in run(CLIENT, *argv).splitlines() if line.isdigit()]


def own_memory():
    """Bytes that the daemon and its helpers have allocated. The journal itself is mapped, and does not count."""
    with open(f"{CGROUP}/memory.stat") as stat:
        return int(next(line for line in stat if line.startswith("anon ")).split()[1])


def watch(process):
    """The most of it while a process runs."""
    most = 0
    while process.poll() is None:
        most = max(most, own_memory())
        time.sleep(0.01)
    if process.returncode:
        sys.exit("a client failed")
    return most


def on_processor(service):
    """Seconds that the main process of a service ran."""
    pid = run("systemctl", "show", "--value", "-pMainPID", service).strip()
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0]) / 1e9


def install(journals):
    with open("/etc/machine-id") as file:
        directory = f"/var/log/journal/{file.read().strip()}"
    os.makedirs(directory, exist_ok=True)
    for number, name in enumerate(sorted(os.listdir(journals))):
        shutil.move(f"{journals}/{name}", f"{directory}/system@bench{number}.journal")
    entries = sum(int(line.split()[2]) for line in run("journalctl", f"--directory={directory}", "--header").splitlines()
                  if line.startswith("Entry objects: "))
    if entries < EVENTS:
        sys.exit(f"the journal has {entries} entries")
    say(f"{entries} entries, {EVENTS} of them events")
    run("systemctl", "start", "enforced")
    for _ in range(600):
        if subprocess.run(["busctl", "status", "org.enforced1"], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    sys.exit("the daemon does not come to the bus")


def least_of(times, share):
    """The time within which so many of a hundred were answered."""
    return statistics.quantiles(times, n=100)[share - 1]


def verdict(met, text):
    print(f"{'met   ' if met else 'MISSED'}  {text}", flush=True)


def measure_pages():
    say("a page")
    journalctl = ["journalctl", "-q", "--no-pager", "-n", "100"]
    call = ["busctl", "call", "org.enforced1", "/org/enforced1", "org.enforced1.Manager", "QueryEvents", "a{sv}a{sv}",
            "2", "unit", "s", UNIT, "verdict", "s", "deny", "1", "limit", "u", "100"]
    whole = {  # from the start of a process to its end
        "journalctl -n 100": [*journalctl, *MATCHES],
        "journalctl -n 100 -o json": [*journalctl, "-o", "json", *MATCHES],
        "QueryEvents by a client in C": [CLIENT, "page", "1", UNIT],
        "QueryEvents by busctl": call,
        "enforcectl events -n 100": ["enforcectl", "--no-pager", "events", "-n", "100", "-u", UNIT, "--verdict", "deny"],
    }
    for argv in list(whole.values())[:2]:
        if (found := len(run(*argv).splitlines())) != 100:
            sys.exit(f"{' '.join(argv)} finds {found}")
    times = {name: [] for name in whole}
    for _ in range(ROUNDS):
        for name, argv in whole.items():
            times[name].append(timed(*argv))
    figures = {name: statistics.median(found) for name, found in times.items()}
    figures["QueryEvents on an open connection"] = statistics.median(client("page", str(ROUNDS), UNIT))
    base = figures["journalctl -n 100"]
    print(f"A page of 100, by unit and verdict (medians of {ROUNDS}, interleaved)")
    for name, seconds in figures.items():
        print(f"  {name:38} {seconds * 1000:8.1f} ms   {seconds / base:.2f} times")
    verdict(figures["QueryEvents by a client in C"] <= 2 * base, "no longer than twice journalctl -n 100")


def measure_memory():
    say("memory")
    before = own_memory()
    with subprocess.Popen([CLIENT, "page", "20", UNIT], stdout=subprocess.DEVNULL) as process:
        pages = watch(process)
    with subprocess.Popen([CLIENT, "walk", str(WALK)], stdout=subprocess.DEVNULL) as process:
        walk = watch(process)
    with subprocess.Popen([CLIENT, "crowd", "8", UNIT], stdout=subprocess.DEVNULL) as process:
        crowd = watch(process)
    after = own_memory()
    print("\nMemory of the daemon with its helpers, without what is mapped of the journal")
    for name, size in {"before": before, "at most, 20 pages one by one": pages,
                       f"at most, {WALK:,} events, as big a page as may be": walk, "at most, 8 pages at once": crowd,
                       "after": after}.items():
        print(f"  {name:48} {size / 1048576:7.1f} MiB")
    verdict(max(pages, walk, crowd) < before + 64 * 1048576 and after < before + 8 * 1048576,
            "64 MiB more at most, 8 MiB more for good")


def measure_others():
    say("others")
    idle = client("ask", str(QUESTIONS))
    with subprocess.Popen([CLIENT, "walk", str(EVENTS)], stdout=subprocess.DEVNULL) as walk, \
            subprocess.Popen([CLIENT, "page", "1000", UNIT], stdout=subprocess.DEVNULL) as pages:
        time.sleep(0.3)  # until both are at it
        busy = client("ask", str(QUESTIONS))
        meanwhile = walk.poll() is None and pages.poll() is None
        for process in (walk, pages):
            process.terminate()
    if not meanwhile:
        sys.exit("the queries ended before the others were answered")
    print("\nWhat another caller waits for a property")
    for name, times in (("nobody asks for events", idle), ("two helpers at work all the time", busy)):
        print(f"  {name:34}", *(f"{least_of(times, share) * 1000:7.1f} ms {share} of 100" for share in (50, 80, 90, 99)),
              f"{max(times) * 1000:7.1f} ms at most")
    before = [on_processor(service) for service in ("enforced", "dbus")]
    page = statistics.median(client("page", "20", UNIT))
    daemon, bus = ((on_processor(service) - ran) / 20 for service, ran in zip(("enforced", "dbus"), before))
    print(f"  of a page of {page * 1000:.1f} ms the daemon itself works {daemon * 1000:.1f} ms, the bus {bus * 1000:.1f} ms")
    verdict(least_of(busy, 99) < page, f"99 of 100 are answered sooner than one page ({page * 1000:.1f} ms)")


def main():
    install(sys.argv[1])
    measure_pages()
    measure_memory()
    measure_others()


main()
