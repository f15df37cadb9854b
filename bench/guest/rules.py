# SPDX-License-Identifier: GPL-2.0-or-later
"""The same rules for enforced and for AppArmor, as many as are asked for.

Two kinds. `allow`: everything is forbidden but what rules permit, and the first rules permit what is measured. `deny`:
everything is permitted but what rules forbid, and one of them speaks of files below a directory on the way to those that
are measured. All others speak of tenants, whose directories exist."""

TENANTS = 1000
TENANT = "/srv/tenants/{:04}"


def tenants(count):
    return [f"{TENANT.format(number)}/**" for number in range(count)]


def networks(count):
    return [f"10.{number // 256}.{number % 256}.0/24" for number in range(count)]


def quoted(texts):
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def file_rule(path, access, action):
    return f'[[file.rule]]\npath = ["{path}"]\naccess = {access}\naction = "{action}"\n'


def policy(kind, count, unit):
    """A policy for enforced with `count` file rules, and as many exec and network rules."""
    if kind == "allow":
        default, fixed = "deny", [("/srv/bench/a/**", '["read"]'), ("/srv/bench/aside/*", '"all"')]
        programs = ["/srv/bench/operations", *tenants(count - 1)]
        endpoints = ["tcp:127.0.0.1:4000-4001", *(f"tcp:{network}:443" for network in networks(count - 1))]
        serving = 'bind.allow = ["tcp:4000"]\naccept.allow = ["tcp:127.0.0.1"]'
    else:
        default, fixed = "allow", [("/srv/bench/**/*.key", '"all"')]
        programs = tenants(count)
        endpoints = [f"tcp:{network}:443" for network in networks(count)]
        serving = ""
    rules = [file_rule(path, access, kind) for path, access in fixed]
    rules += [file_rule(path, '["read", "write"]', kind) for path in tenants(count - len(fixed))]
    return (f'units = ["{unit}"]\n'
            f'[file]\ndefault = "{default}"\n{"".join(rules)}'
            f'[exec]\ndefault = "{default}"\n{kind} = {quoted(programs)}\n'
            f'[network]\ndefault = "{default}"\nconnect.{kind} = {quoted(endpoints)}\n{serving}\n')


def profile(kind, count, name):
    """A profile for AppArmor with `count` file rules. Its network rules know no addresses."""
    if kind == "allow":
        lines = ["/srv/bench/operations mrix", "network inet stream", "/srv/bench/a/** r", "/srv/bench/aside/* rw",
                 *(f"{path} rwmix" for path in tenants(count - 2))]
    else:
        lines = ["/** rwlkmix", "network", "deny /srv/bench/**/*.key rwx",
                 *(f"deny {path} rwx" for path in tenants(count - 1))]
    return f"profile {name} {{\n" + "".join(f"  {line},\n" for line in lines) + "}\n"
