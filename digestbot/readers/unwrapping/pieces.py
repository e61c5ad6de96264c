"""What a dump holds within: mails of a mailbox, parts of a mail, saved pages, answers kept as text, joined exports.

Each piece is recognised for itself. A piece is found by what wraps it, and never by guessing at its content.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digestbot.readers.content import Content
from digestbot.readers.frames.html_mail import has_headers, html_mails
from digestbot.readers.unwrapping.cassettes import answers, is_cassette
from digestbot.readers.unwrapping.json_strings import kept_texts
from digestbot.readers.unwrapping.mime import encoded_page, is_encoded, parts_of
from digestbot.readers.unwrapping.python_values import as_json, is_python
from digestbot.readers.unwrapping.runs import runs

_POSTMARK = re.compile(r"\A\s*From .*\d\d:\d\d")
_FRONT_MATTER = re.compile(r"\A\ufeff?\s*---[ \t]*\n(?:[^\n]*\n){1,60}?(?:---|\.\.\.)[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was wrapped: its bytes, the line of the dump it begins on, and what it is ("a mail")."""

    data: bytes
    line: int
    what: str

    def content(self, name: str) -> Content:
        """The piece as a dump of its own."""
        return Content(io.BytesIO(self.data), name)


Alternatives = tuple[Piece, ...]
"""One or more ways to say the same (a mail as text and as HTML), of which the one that tells most is taken."""


def certainly_within(content: Content) -> Iterator[Alternatives] | None:
    """What the dump holds, where it is nothing but a wrapping; None for what is to be read as it is."""
    head = content.head
    if _POSTMARK.match(head) and _has_several_mails(content):
        return ((Piece(text.encode("utf-8", "replace"), line, "a mail"),) for line, text in html_mails(content))
    if page := encoded_page(head):
        return iter([(Piece(page(content.text()).encode("utf-8", "replace"), 1, "a page"),)])
    if is_cassette(head):
        return ((Piece(data, line, "an answer"),) for line, data in answers(content.text()))
    if joined := runs(content):
        return ((Piece(data, line, "a run of records"),) for data, line in joined)
    return None


def is_wrapped_mail(head: str) -> bool:
    """Whether this is a mail whose text is encoded, or in parts: only readers of mails make anything of it as it is."""
    return has_headers(head) and is_encoded(head)


def possibly_within(content: Content) -> Iterator[Alternatives]:
    """What the dump may hold, where no reader takes it as it is."""
    head = content.head
    if has_headers(head):
        for alternatives in parts_of(content):
            yield tuple(Piece(data, 1, "a part of a mail") for data in alternatives)
    elif is_python(head):
        yield (Piece(as_json(content.text()), 1, "values as Python writes them"),)
    elif head.lstrip()[:1] in ("{", "["):
        for texts in kept_texts(content):
            yield tuple(Piece(data, 1, "a text kept in JSON") for data in texts)
    elif found := _FRONT_MATTER.match(head):
        whole = content.text()
        yield (Piece(whole[found.end() :].encode("utf-8", "replace"), found[0].count("\n") + 1, "a page"),)


def _has_several_mails(content: Content) -> bool:
    return len(_first_two(line for line, text in content.lines() if _POSTMARK.match(text))) > 1


def _first_two(lines: Iterable[int]) -> list[int]:
    found: list[int] = []
    for line in lines:
        found.append(line)
        if len(found) == 2:
            break
    return found
