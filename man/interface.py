#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual page of D-Bus interfaces, of what their XML says in its elements doc:doc and doc:key.

usage: interface.py NAME SECTION BRIEF VERSION FILE...
"""

import sys
import textwrap
import xml.etree.ElementTree as ElementTree

import roff

DOC = "{http://www.freedesktop.org/dbus/1.0/doc.dtd}"
EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"
CHANGES = {"const": "never changes", "false": "changes are not announced",
           "invalidates": "changes are announced without the value", "true": "changes are announced"}


def paragraphs(element):
    return [part for part in textwrap.dedent(element.text or "").strip().split("\n\n") if part.strip()]


def documentation(element):
    """Its paragraphs. What is not documented is no part of the contract."""
    doc = element.find(DOC + "doc")
    if doc is None or not paragraphs(doc):
        sys.exit(f"{element.tag} {element.get('name')} is not documented")
    return paragraphs(doc)


class Writer:
    def __init__(self, page):
        self._page = page

    def _paragraphs(self, texts):
        for text in texts:
            self._page.paragraph(roff.escape(text))

    def _keys(self, element):
        keys = element.findall(DOC + "key")
        if keys:
            self._page.begin_list()
        for key in keys:
            self._page.term(f"{roff.bold(roff.escape(key.get('name')))} ({key.get('type')})")
            self._paragraphs(paragraphs(key))
        if keys:
            self._page.end_list()

    def _arguments(self, member):
        arguments = member.findall("arg")
        if not arguments:
            return
        self._page.begin_list()
        for argument in arguments:
            way = argument.get("direction", "")
            self._page.term(f"{way} {roff.bold(roff.escape(argument.get('name')))} ({argument.get('type')})".strip())
            self._paragraphs(documentation(argument))
            self._keys(argument)
        self._page.end_list()

    def _property(self, member):
        access = {"read": "readable", "readwrite": "readable and writable"}[member.get("access")]
        emits = [note.get("value") for note in member.findall("annotation") if note.get("name") == EMITS]
        self._page.subsection(f"{member.get('name')} ({member.get('type')})")
        self._paragraphs(documentation(member))
        self._keys(member)
        self._page.paragraph(roff.italic(roff.escape(f"{access}; {CHANGES[emits[0] if emits else 'true']}")))

    def _members(self, interface, kind, title):
        members = interface.findall(kind)
        for member in members:
            if kind == "property":
                self._property(member)
                continue
            self._page.subsection(f"{member.get('name')} ({title})" if kind == "signal" else f"{member.get('name')}()")
            self._paragraphs(documentation(member))
            self._arguments(member)

    def interface(self, interface):
        self._page.section(roff.escape(interface.get("name").upper()))
        self._paragraphs(documentation(interface))
        for kind in ("method", "signal", "property"):
            self._members(interface, kind, kind)


def main(name, section, brief, version, *files):
    page = roff.Page(name, section, brief, version)
    page.section("DESCRIPTION")
    page.paragraph(roff.escape("The bus name is org.enforced1, on the system bus. What follows is made of the XML files that "
                               "the daemon's side of the interfaces is made of."))
    writer = Writer(page)
    for file in files:
        for interface in ElementTree.parse(file).getroot().findall("interface"):
            writer.interface(interface)
    page.section("SEE ALSO")
    page.paragraph(", ".join(f"{roff.bold(roff.escape(other))}({number})" for other, number in
                             [("enforced", 8), ("enforcectl", 1), ("enforced.policy", 5), ("busctl", 1), ("polkit", 8)]))
    sys.stdout.write(page.text())


if __name__ == "__main__":
    main(*sys.argv[1:])
