#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A manual page of a document in Markdown. Tables become lists of terms, which fit every terminal.

usage: markdown.py NAME SECTION BRIEF VERSION FILE
"""

import sys

from markdown_it import MarkdownIt

import roff


def inline(token):
    """The text of a paragraph, heading or cell."""
    text = ""
    for child in token.children:
        if child.type == "text":
            text += roff.escape(child.content)
        elif child.type == "code_inline":
            text += roff.bold(roff.escape(child.content))
        elif child.type in ("softbreak", "hardbreak"):
            text += "\n"
        elif child.type in ("em_open", "strong_open"):
            text += "\\fI" if child.type == "em_open" else "\\fB"
        elif child.type in ("em_close", "strong_close"):
            text += "\\fR"
        elif child.type not in ("link_open", "link_close"):
            sys.exit(f"{child.type} has no form in a manual page: {token.content}")
    return text


class Writer:
    def __init__(self, page):
        self._page = page
        self._open = False # whether there is a section for what comes

    def write(self, tokens):
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "heading_open":
                self._heading(token, tokens[at + 1])
                at += 2
            elif token.type == "table_open":
                end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
                self._table(tokens[at:end])
                at = end
            else:
                self._block(token)
            at += 1

    def _heading(self, token, content):
        title = inline(content)
        if token.tag == "h1":
            return # the page's name says it
        if token.tag == "h2":
            self._page.section(title if content.content.startswith("`") else title.upper())
            self._open = True
        else:
            self._page.subsection(title)

    def _block(self, token):
        page = self._page
        if token.type == "html_block":
            return # a comment
        if not self._open:
            page.section("DESCRIPTION")
            self._open = True
        if token.type == "inline":
            page.paragraph(inline(token))
        elif token.type in ("fence", "code_block"):
            page.code(token.content)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            page.begin_list()
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            page.end_list()
        elif token.type == "list_item_open":
            page.bullet(token.info + "." if token.info else "\\(bu")
        elif token.type not in ("paragraph_open", "paragraph_close", "list_item_close"):
            sys.exit(f"{token.type} has no form in a manual page: {token.content}")

    def _table(self, tokens):
        rows = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(inline(token))
        self._page.begin_list()
        for number, row in enumerate(rows):
            rest = "; ".join(cell for cell in row[1:] if cell)
            if number == 0 and not (row[0] and rest):
                continue # a title without one for what is said of it
            self._page.term(roff.italic(row[0]) if number == 0 else row[0])
            self._page.paragraph(roff.italic(rest) if number == 0 else rest)
        self._page.end_list()


def main(name, section, brief, version, file):
    page = roff.Page(name, section, brief, version)
    with open(file, encoding="utf-8") as document:
        Writer(page).write(MarkdownIt("commonmark").enable("table").parse(document.read()))
    sys.stdout.write(page.text())


if __name__ == "__main__":
    main(*sys.argv[1:])
