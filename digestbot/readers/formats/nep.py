"""Reads the reports of NEP, RePEc's alerts of new working papers in economics, as mails or their text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digestbot.model.papers import Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.mail import readable_head, readable_lines
from digestbot.readers.text import fields
from digestbot.readers.text.dates import iso_date
from digestbot.readers.text.markup import readable

_NEP = re.compile(r"^NEP: New Economics Papers|\[nep-[a-z]{3}\]|d\.repec\.org/n\?u=", re.MULTILINE)
_ENTRY = re.compile(r"^ {0,2}\d{1,3}\. +\S", re.MULTILINE)
_BEGINS = re.compile(r" {0,2}\d{1,3}\. +(?P<title>\S.*)")
_LABEL = re.compile(r"(?P<name>Keywords|JEL|Date|URL|By):\s*(?P<value>.*)")
_HANDLE = re.compile(r"[?&]u=(RePEc:[\w:.-]+)")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*\Z")
_LISTED_ON = re.compile(r"Date:\s*(\d{4}-\d\d-\d\d)")


class NEP:
    """The reader of NEP reports."""

    name = "nep"
    title = "RePEc NEP report (mail or its text)"

    def recognises(self, head: str) -> float:
        """By its name or its links, and numbered entries."""
        if "NEP" not in head and "[nep-" not in head and "repec" not in head:
            return 0.0
        head = readable_head(head)
        return 0.96 if _NEP.search(head) and _ENTRY.search(head) and "<html" not in head[:2000].lower() else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """A paper for each numbered entry that says when it is from or where it is; the contents before say neither."""
        entry: list[str] = []
        begins, listed_on = 0, None
        for number, line in readable_lines(content):
            if not begins and listed_on is None and (dated := _LISTED_ON.match(line)):
                listed_on = dated[1]
                yield Layout(listed_on=listed_on)
            if _BEGINS.match(line):
                yield from _made(entry, begins)
                begins, entry = number, [line]
            elif begins:
                entry.append(line)
        yield from _made(entry, begins)


def _made(entry: Sequence[str], begins: int) -> Iterator[Paper | Skipped]:
    said = {found["name"]: found["value"].strip() for line in entry if (found := _LABEL.match(line))}
    if not entry or not ("URL" in said or "Date" in said):
        return
    title, people, abstract = _parts(entry)
    if not title:
        yield Skipped(begins, "unreadable", "an entry without a title", fields.excerpt(" ".join(entry)))
        return
    url = said.get("URL") or None
    handle = _HANDLE.search(url or "")
    yield Paper(
        title=readable(title),
        abstract=readable(" ".join(abstract)) or None,
        authors=fields.named(fields.name(_IN_BRACKETS.sub("", each).replace(",", ", ")) for each in people),
        published=iso_date(said.get("Date")),
        ids=fields.ids(doi=url, repec=handle[1] if handle else None),
        url=url,
        source=NEP.name,
    )


def _parts(entry: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """Title, authors and abstract: lines not set in, set in, and what stands between blank lines behind them."""
    first = _BEGINS.match(entry[0])
    title, people, abstract = [first["title"] if first else ""], list[str](), list[str]()
    for line in entry[1:]:
        if _LABEL.match(line):
            break
        if not line.strip():
            continue
        if line[:3].isspace() and not abstract:
            if people or line[:4].isspace():
                people += line.split(";")
            else:
                title.append(line.strip())
        else:
            abstract.append(line.strip())
    return " ".join(title), [each.strip() for each in people if each.strip()], abstract
