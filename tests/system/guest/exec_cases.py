# SPDX-License-Identifier: GPL-2.0-or-later
"""Exec rules: what is run, and what becomes executable. Programs are copies of /bin/true, which needs its loader and
the C library."""

import os
import shutil

from battery import Group, Step

LOADER = os.path.realpath("/lib64/ld-linux-x86-64.so.2")


def program(place):
    for directory in (place.d, place.o):
        shutil.copy("/bin/true", f"{directory}/program")


def script(place):
    program(place)
    with open(f"{place.o}/script", "w") as file:
        file.write(f"#!{place.d}/program\n")
    os.chmod(f"{place.o}/script", 0o755)


DENY = '''
[exec]
deny = [
  "@root/deny/**", # exec.deny[0]
]
'''

ALLOW = f'''
[exec]
default = "deny" # exec.default
allow = ["/opt/enforced-test/probe", "@root/ok/**"]
libraries = ["/usr/lib/**"]
'''

LOADER_ALLOWED = f'''
[exec]
default = "deny" # exec.default
allow = ["/opt/enforced-test/probe", "@root/ok/**", "{LOADER}"]
libraries = ["/usr/lib/**"]
'''

ANONYMOUS = '''
[exec]
anonymous = "deny" # exec.anonymous
'''

MEMORY = '''
[exec]
writable-memory = "deny" # exec.writable-memory
'''


def step(name, tries, rule, operation="run", object="@d/program", **options):
    return Step(name, tries, rule, operation, object, prepare=options.pop("prepare", program), **options)


def runs(rule):
    """Ways to run a file that has a name."""
    return [
        step("exec", "exec @d/program", rule),
        step("often", "exec @d/program", rule, count=5),
        step("descriptor", "execfd @d/program", rule),
        step("interpreter", "exec @o/script", rule, prepare=script),
        step("map", "map @d/program", rule, "map"),
        step("protect", "protect @d/program", rule, "map"),
        step("implied", "implied @d/program", rule, "map"),
    ]


def memory(name, tries, elsewhere=None, object="", **options):
    return Step(name, tries, "exec.writable-memory", "writable-memory", object, elsewhere=elsewhere, **options)


GROUPS = [
    Group("exec-deny", DENY, [
        *runs("exec.deny[0]"),
        step("loader", f"loader {LOADER} @d/program", "exec.deny[0]", "map"),
        # A list of what is forbidden knows a copy elsewhere as little as it knows any other program.
        step("copy", "execcopy @d/program @o/copy", "", refused=""),
    ]),
    Group("exec-allow", ALLOW, [
        *runs("exec.default"),
        step("copy", "execcopy @d/program @d/copy", "exec.default", object="@d/copy"),
        step("loader", f"loader {LOADER} /bin/true", "exec.default", object=LOADER, elsewhere=None),
        step("memfd", "execmem @d/program", "exec.default", "anonymous", "/memfd:probe*", elsewhere="none"),
        step("nameless", "exectmp @o/program @o", "exec.default", "anonymous", "@o/#*", elsewhere="none"),
        step("deleted", "execdeleted @o/program", "exec.default", "anonymous", "@o/program", elsewhere="none"),
        step("library", "map /usr/lib/x86_64-linux-gnu/libc.so.6", "", refused=""),
    ]),
    Group("exec-loader", LOADER_ALLOWED, [
        step("loader", f"loader {LOADER} @d/program", "exec.default", "map"),
    ]),
    Group("exec-anonymous", ANONYMOUS, [
        step("memfd", "execmem @d/program", "exec.anonymous", "anonymous", "/memfd:probe*", elsewhere="exec @d/program"),
        step("nameless", "exectmp @d/program @d", "exec.anonymous", "anonymous", "@d/#*", elsewhere="exec @d/program"),
        step("deleted", "execdeleted @d/program", "exec.anonymous", "anonymous", elsewhere="exec @d/program"),
        step("mapped", "twice", "exec.anonymous", "anonymous", "/memfd:probe*", elsewhere="map @d/program"),
    ]),
    Group("exec-memory", MEMORY, [
        memory("writable", "writable"),
        memory("sealed", "sealed"),
        memory("heap", "heap"),
        memory("patched", "patched @d/file", "map @d/file", "@d/file"),
    ]),
]
