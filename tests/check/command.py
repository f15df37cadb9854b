#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether enforcectl itself, its manual page and its completions know the same verbs and options.

usage: command.py ROOT ENFORCECTL
"""

import re
import subprocess
import sys

import tree

OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][a-z-]*")
VERBS_MARK = "Subcommands:"


def options_in(text):
    return set(OPTION.findall(text))


class Code:
    """What enforcectl says of itself: verbs, and options by verb; those of the verb "" come with any."""

    def __init__(self, enforcectl):
        self._enforcectl = enforcectl
        help_ = self._run("--help")
        self.verbs = re.findall(r"^  ([a-z-]+)", help_[help_.index(VERBS_MARK):], re.M)
        self.options = {"": self._options(help_)}
        for verb in self.verbs:
            self.options[verb] = self._options(self._run(verb, "--help")) - {"-h", "--help"}

    def _run(self, *arguments):
        return subprocess.run([self._enforcectl, *arguments], check=True, capture_output=True, text=True).stdout

    @staticmethod
    def _options(help_):
        found = re.findall(r"^ +((?:--?[\w-]+[, ]*)+)", help_, re.M)
        return set().union(*map(options_in, found))


class Manual:
    """Sections of the page by their titles, with what stands above the first of a group."""

    def __init__(self, lines):
        self.verbs, self._texts, self._group = [], {}, {}
        group = section = ""
        for line in lines:
            if line.startswith("## "):
                group = section = line[3:]
            elif line.startswith("### "):
                section = line[4:].split()[0]
                self.verbs.append(section)
                self._group[section] = group
            self._texts[section] = self._texts.get(section, "") + line + "\n"

    @staticmethod
    def _code(text):
        return " ".join(re.findall(r"`([^`]+)`", text))

    def options(self, verb):
        """Those that the verb's own section has, with the filters if it refers to them."""
        if not verb:
            return options_in(self._code(self._texts["Options"]))
        text = self._texts[verb]
        if "filters below" in text:
            text += self._texts["Filters"]
        return options_in(self._code(text))

    def common(self, verb):
        """Options said of all verbs of the group but those that are named."""
        text = self._texts[self._group[verb]]
        exempt = re.search(r"All of them but (.*) take", text)
        if exempt and f"`{verb}`" in exempt[1]:
            return set()
        return options_in(self._code(text))


def bash_options(root, verb):
    script = ('source "$1"; COMP_WORDS=(enforcectl ${2:+"$2"} -); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); '
              '_enforcectl; printf "%s\\n" "${COMPREPLY[@]}"')
    return set(subprocess.run(["bash", "-c", script, "bash", f"{root}/completions/enforcectl.bash", verb],
                              check=True, capture_output=True, text=True).stdout.split())


def zsh_options(root):
    """By verb, of the arrays and of the lines of the case statement."""
    text = "\n".join(tree.lines(root, "completions/_enforcectl"))
    unquoted = re.sub(r"\[[^\]']*\]", "", text) # explanations
    arrays = {name: options_in(re.sub(r"[{},=]", " ", body))
              for name, body in re.findall(r"^    (all|trial|filter)=\((.*?)\)\n", unquoted, re.M | re.S)}
    found = {"": arrays["all"] | {"--version"}}
    for verbs, body in re.findall(r"^                ([a-z |-]+)\) (_arguments .*?);;", unquoted, re.M | re.S):
        own = options_in(re.sub(r"[{},=]", " ", re.sub(r":\([^)]*\)|_files -/", "", body)))
        own |= set().union(*[arrays[name] for name in re.findall(r"\$(\w+)", body)])
        for verb in verbs.split(" | "):
            found[verb] = own
    return found


def fish_options(root):
    """By verb, of the conditions on the lines."""
    text = "\n".join(tree.lines(root, "completions/enforcectl.fish"))
    trials = re.search(r"set -l trials (.*)", text)[1]
    verbs = re.findall(r"^__enforcectl_verb ([a-z-]+)", text, re.M)
    found = {verb: set() for verb in ["", *verbs]}
    for condition, rest in re.findall(r'^complete -c enforcectl(?: -n "([^"]*)")?(.*)', text, re.M):
        options = {"-" + short for short in re.findall(r" -s (\w)", rest)}
        options |= {"--" + long for long in re.findall(r" -l ([\w-]+)", rest)}
        seen = condition.replace("$trials", trials).split()
        of = seen[1:] if seen[:1] == ["__fish_seen_subcommand_from"] else [""]
        for verb in of:
            found.setdefault(verb, set()).update(options)
    return found, verbs


def differences(what, expected, found):
    complaints = [f"{what} lacks {each}" for each in sorted(set(expected) - set(found))]
    return complaints + [f"{what} has {each}, which enforcectl does not know" for each in sorted(set(found) - set(expected))]


def check(root, enforcectl):
    code = Code(enforcectl)
    manual = Manual(tree.lines(root, "man/enforcectl.1.md"))
    zsh = zsh_options(root)
    fish, fish_verbs = fish_options(root)
    complaints = differences("the manual page", code.verbs, manual.verbs)
    complaints += differences("zsh's completion", code.verbs, set(zsh) - {""})
    complaints += differences("fish's completion", code.verbs, fish_verbs)
    if complaints:
        return complaints
    anywhere = code.options[""]
    for verb in ["", *code.verbs]:
        expected, name = code.options[verb], verb or "enforcectl"
        common = manual.common(verb) if verb else set()
        # A verb may mention what comes with any verb.
        described = manual.options(verb) - (anywhere if verb else set())
        complaints += differences(f"the manual page: {name}", expected - common, described - (common - expected))
        complaints += differences(f"the manual page: {name}", common, common & expected)
        complaints += differences(f"bash's completion: {name}", expected | anywhere - ({"--version"} if verb else set()),
                                  bash_options(root, verb))
        complaints += differences(f"zsh's completion: {name}", expected | anywhere - ({"--version"} if verb else set()),
                                  zsh[verb])
        complaints += differences(f"fish's completion: {name}", expected, fish[verb])
    return complaints


if __name__ == "__main__":
    sys.exit(tree.finish(check(sys.argv[1], sys.argv[2])))
