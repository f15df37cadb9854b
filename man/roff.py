# SPDX-License-Identifier: GPL-2.0-or-later
"""A manual page in the making: what man(7) needs to know, and nothing of where the text comes from."""

import re

ESCAPES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def escape(text):
    """Text that stands for itself."""
    return "".join(ESCAPES.get(letter, letter) for letter in text)


def bold(text):
    return f"\\fB{text}\\fR"


def italic(text):
    return f"\\fI{text}\\fR"


class Page:
    """What its methods are given is escaped already, but for `code`."""

    def __init__(self, name, section, brief, version):
        self._lines = ['.\\" SPDX-License-Identifier: GPL-2.0-or-later',
                       f'.TH "{escape(name.upper())}" "{section}" "" "enforced {version}" ""', ".nh", ".ad l"]
        self._lists = 0       # how deep we are in lists
        self._fresh = False   # right behind a heading or a tag: what follows needs no space
        self.section("NAME")
        self._add(f"{escape(name)} \\- {escape(brief)}")

    def _add(self, text):
        # A line that begins so would be a request.
        self._lines.append("\\&" + text if text.startswith((".", "'")) else text)
        self._fresh = False

    def _request(self, *words, fresh=False):
        self._lines.append("." + " ".join(words))
        self._fresh = fresh

    def _heading(self, macro, title):
        self._request(macro, '"' + title.replace('"', "\\(dq") + '"', fresh=True)

    def section(self, title):
        self._heading("SH", title)

    def subsection(self, title):
        self._heading("SS", title)

    def _space(self):
        if not self._fresh:
            self._request("sp" if self._lists else "PP")

    def paragraph(self, text):
        self._space()
        self._add(re.sub(r"\s*\n\s*", " ", text))

    def begin_list(self):
        if self._lists:
            self._request("RS", "4")
        self._lists += 1

    def bullet(self, sign="\\(bu"):
        self._request("IP", sign, "4", fresh=True)

    def term(self, tag):
        self._request("TP", "4")
        self._add(tag)
        self._fresh = True

    def end_list(self):
        self._lists -= 1
        if self._lists:
            self._request("RE")

    def code(self, text):
        self._space()
        for request in ("RS 4", "nf"):
            self._request(request)
        for line in text.rstrip("\n").split("\n"):
            self._add(escape(line))
        for request in ("fi", "RE"):
            self._request(request)

    def text(self):
        return "\n".join(self._lines) + "\n"
