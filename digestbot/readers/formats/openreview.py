"""Reads submissions as OpenReview's two APIs give them; reviews and comments among them are no papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from digestbot.model.papers import JsonObject, Paper
from digestbot.readers.base import Layout, Skipped
from digestbot.readers.content import Content
from digestbot.readers.frames.json_records import part, parts, records, text, whole
from digestbot.readers.text.fields import excerpt, ids, names
from digestbot.readers.text.markup import readable

_NOTE = re.compile(r'"(?:forum|invitations?|signatures|tcdate)"\s*:')
_CONTENT = re.compile(r'"content"\s*:\s*\{')
_EPOCH = date(1970, 1, 1)
_NOT_APPEARED = re.compile(r"\b(?:submi(?:tted|ssion)|withdrawn|reject(?:ed)?|under review)\b", re.IGNORECASE)
_NOBODY = re.compile(r"anonymous(?: author\(?s\)?)?|(?:paper|submission)\s?\d+ authors?", re.IGNORECASE)


class OpenReview:
    """The reader of OpenReview notes."""

    name = "openreview"
    title = "submissions from OpenReview (JSON of API 1 or 2)"

    def recognises(self, head: str) -> float:
        """By the fields that its notes have."""
        if head.lstrip()[:1] not in ("{", "["):
            return 0.0
        if len(set(_NOTE.findall(head))) >= 2 and _CONTENT.search(head):
            return 0.95
        return 0.6 if re.match(r'\s*\{\s*(?:"count"\s*:\s*0\s*,\s*)?"notes"\s*:\s*\[\s*\]', head) else 0.0

    def read(self, content: Content) -> Iterator[Paper | Skipped | Layout]:
        """Papers in the answer's order; a note in reply to another is furniture."""
        is_empty = True
        for piece in records(content, "notes"):
            is_empty = False
            if isinstance(piece, Skipped):
                yield piece
                continue
            line, note = piece
            title = readable(_value(note, "title") or "")
            if text(note, "replyto") or text(note, "forum") not in (None, text(note, "id")):
                yield Skipped(line, "furniture", "a reply to a submission", excerpt(title or text(note, "id") or ""))
            elif not title:
                yield Skipped(line, "unreadable", "a note without a title", excerpt(text(note, "id") or ""))
            else:
                yield _paper(note, title)
        if is_empty:
            yield Layout(notes=["the answer holds no submissions"], empty=True)


def _paper(note: JsonObject, title: str) -> Paper:
    found = text(note, "id") or text(note, "forum")
    other = _other_ids(note)
    area = _value(note, "primary_area") or _value(note, "subject_area")
    return Paper(
        title=title,
        abstract=readable(_value(note, "abstract") or "") or None,
        authors=_authors(note),
        journal=_venue(note),
        published=_day(next((ms for key in ("pdate", "cdate", "tcdate") if (ms := whole(note, key))), None)),
        categories=(area,) if area else (),
        ids=ids(arxiv=other.get("arxiv"), doi=other.get("doi"), dblp=other.get("dblp"), openreview=found),
        url=f"https://openreview.net/forum?id={found}" if found else None,
        source=OpenReview.name,
    )


def _field(note: JsonObject, key: str) -> Any:
    """What stands under `key` in the note's content: itself in API 1, under "value" in API 2."""
    content = part(note, "content")
    given = content.get(key)
    return given.get("value") if isinstance(given, dict) else given


def _value(note: JsonObject, key: str) -> str | None:
    return text({key: _field(note, key)}, key)


def _venue(note: JsonObject) -> str | None:
    """Where it appeared; "Submitted to ..." and "... Withdrawn Submission" say where it did not."""
    venue = readable(_value(note, "venue") or "")
    return venue if venue and not _NOT_APPEARED.search(venue) else None


def _authors(note: JsonObject) -> tuple[str, ...]:
    given = _field(note, "authors")
    people = names(given) if isinstance(given, (str, list)) else ()
    return tuple(each for each in people if not _NOBODY.fullmatch(each))


def _other_ids(note: JsonObject) -> dict[str, str]:
    known = [*parts(note, "externalIds"), text(note, "externalId")]
    schemes = (each.partition(":") for each in known if isinstance(each, str))
    return {scheme.lower(): value for scheme, _, value in schemes if value}


def _day(milliseconds: int | None) -> date | None:
    """The UTC day of an instant in milliseconds since 1970, if it is a sensible one."""
    if milliseconds is None or not 0 < milliseconds < 4_102_444_800_000:
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds)
