#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the operations under one configuration after the other, as root, on a machine that may be thrown away.

Writes a line for each figure to standard output: configuration, operation, 10th percentile, median, 90th percentile. Each
configuration is measured in a unit of its own, so that all are started in the same way. What it does is said on standard
error."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import rules

HERE = os.path.dirname(os.path.abspath(__file__))
OPERATIONS = "/srv/bench/operations"
POLICIES = "/etc/enforced/policy.d"
SIZES = (10, 1000)
RULES = [(kind, count) for kind in ("allow", "deny") for count in SIZES]

begun = time.monotonic()


def say(text):
    print(f"# {time.monotonic() - begun:6.2f} s  {text}", file=sys.stderr, flush=True)


def run(*argv, **options):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def lsm_programs():
    return {program["id"] for program in json.loads(run("bpftool", "--json", "prog", "list")) if program["type"] == "lsm"}


def wait_for_detachment(before):
    """The kernel takes LSM programs off their hooks one after the other, for seconds after their links are gone."""
    while lsm_programs() - before:
        time.sleep(0.1)


def measure(configuration, secret="allowed", properties=()):
    say(configuration)
    figures = run("systemd-run", "--quiet", "--collect", "--wait", "--pipe", f"--unit=bench-{configuration}.service",
                  *(f"--property={line}" for line in properties), OPERATIONS, "measure", secret)
    for figure in figures.splitlines():
        print(configuration, figure, sep="\t", flush=True)


@contextmanager
def empty_programs():
    before = lsm_programs()
    with subprocess.Popen([f"{HERE}/attach", f"{HERE}/empty.bpf.o"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        if not process.stdout.readline():
            sys.exit("the empty programs cannot be attached")
        yield
        process.stdin.close()
    wait_for_detachment(before)


@contextmanager
def apparmor_profile(kind, count):
    name = f"bench-{kind}-{count}"
    text = rules.profile(kind, count, name)
    run("apparmor_parser", "--add", "--skip-cache", input=text)
    yield name
    run("apparmor_parser", "--remove", input=text)


@contextmanager
def enforced():
    """All policies at once: each unit has its own."""
    before = lsm_programs()
    os.makedirs(POLICIES, exist_ok=True)
    for kind, count in RULES:
        name = f"enforced-{kind}-{count}"
        with open(f"{POLICIES}/{name}.toml", "w") as file:
            file.write(rules.policy(kind, count, f"bench-{name}.service"))
    say("starting enforced")
    run("systemctl", "start", "enforced")
    yield
    run("systemctl", "stop", "enforced")
    run("enforced", "--release")
    wait_for_detachment(before)


def main():
    run(OPERATIONS, "prepare")
    for number in range(rules.TENANTS):
        os.makedirs(rules.TENANT.format(number))
    run("udevadm", "settle")
    measure("none")
    with empty_programs():
        measure("empty")
    for kind, count in RULES:
        with apparmor_profile(kind, count) as name:
            measure(f"apparmor-{kind}-{count}", "refused", [f"AppArmorProfile={name}"])
    with enforced():
        measure("enforced-ungoverned")
        for kind, count in RULES:
            measure(f"enforced-{kind}-{count}", "refused")
    measure("none-again")


main()
