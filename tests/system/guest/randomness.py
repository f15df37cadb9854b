# SPDX-License-Identifier: GPL-2.0-or-later
"""Random policies over few names, so that rules often speak of what is there, and several of the same."""

import random

from file_cases import ACCESSES

COMPONENTS = ("a", "b", "f", "g", "fg", "f.g", "*", "f*", "*g", "?", "[ab]", "[!f]", "{f,g}", "{a,b}", "{f,}g")
ENDPOINTS = ("tcp:7000", "udp:7001-7003", "any:127.0.0.1", "any:127.0.0.0/30", "udp:127.0.0.2:7000-7004", "any:[::1]",
             "udp:[::1]:7002", "tcp:*", "udp:*", "any:127.0.0.5:7005", "udp:127.0.0.0/8:7001")
# What is asked for nothing else here, and refused with EPERM.
CAPABILITIES = ("sys_admin", "net_raw", "net_admin", "sys_time", "setpcap")


def quoted(strings):
    return "[" + ", ".join(f'"{one}"' for one in strings) + "]"


class Policies:
    """Of as many units as there are policies; one in five governs another's unit besides."""

    def __init__(self, seed, root, probe):
        self.dice = random.Random(seed)
        self.root = root
        self.probe = probe
        self.units = 0

    def one_in(self, sides):
        return not self.dice.randrange(sides)

    def some(self, of, least, most):
        return self.dice.sample(of, self.dice.randint(least, most))

    def text(self, number):
        unit = number - 1 if number and self.one_in(5) else number
        self.units = max(self.units, unit + 1)
        self.here = f"{self.root}/{unit}"
        sections = [self.file, self.network, self.capability, self.kernel, self.exec]
        lines = [f'units = ["eta-{unit}.service"]', f'mode = "{"audit" if self.one_in(8) else "enforce"}"']
        for section in sections[:1] + [one for one in sections[1:] if self.one_in(3)]:
            lines += section()
        return "\n".join(lines) + "\n"

    def glob(self):
        parts = [self.dice.choice(COMPONENTS) for _ in range(self.dice.randint(1, 3))]
        if self.one_in(4):
            parts[self.dice.randrange(len(parts))] = "**"
        return f"{self.here}/{'/'.join(parts)}" + ("/**" if self.one_in(5) and parts[-1] != "**" else "")

    def globs(self, least, most):
        return list(dict.fromkeys(self.glob() for _ in range(self.dice.randint(least, most))))

    def default(self):
        return self.dice.choice(["allow", "deny"])

    def file(self):
        default = self.default()
        actions = ["deny", "deny", "kill", "audit"] + ["allow"] * 5 * (default == "deny")
        lines = ["[file]", f'default = "{default}"']
        for _ in range(self.dice.randint(1, 6)):
            access = '"all"' if self.one_in(4) else quoted(self.some(ACCESSES, 1, 4))
            lines += ["[[file.rule]]", f"path = {quoted(self.globs(1, 3))}", f"access = {access}",
                      f'action = "{self.dice.choice(actions)}"']
            if self.one_in(3):
                lines.append(f"except = {quoted(self.globs(1, 2))}")
        return lines

    def network(self):
        default = self.default()
        lines = ["[network]", f'default = "{default}"']
        for key in ("connect", "bind"):
            allowed = self.some(ENDPOINTS, 1, 4) if default == "deny" else []
            denied = self.some([one for one in ENDPOINTS if one not in allowed], 0, 3)
            lines += [f"{key}.{word} = {quoted(some)}" for word, some in (("allow", allowed), ("deny", denied)) if some]
        return lines

    def capability(self):
        default = self.default()
        return ["[capability]", f'default = "{default}"',
                f"{'allow' if default == 'deny' else 'deny'} = {quoted(self.some(CAPABILITIES, 1, 4))}"]

    def kernel(self):
        return ["[kernel]", *(f'{key} = "{self.default()}"' for key in self.some(["io-uring", "keyring", "perf"], 1, 3))]

    def exec(self):
        return ["[exec]", 'default = "deny"', f'allow = ["{self.probe}"]']
