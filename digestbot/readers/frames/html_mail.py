"""Mails that carry HTML, as alerts do: taken apart, the page in each decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.content import Content
from digestbot.readers.text.markup import fold_spaces

_LARGEST_MAIL = 16 * 1024 * 1024  # characters; an alert has some 50 thousand
_HEADERS = re.compile(r"\A(?:>?From .*\n)?(?:[A-Za-z][\w-]*:.*\n(?:[ \t].*\n)*){2}")
_POSTMARK = re.compile(r"From .*\d\d:\d\d")


def has_headers(head: str) -> bool:
    """Whether a dump begins as mails do."""
    return _HEADERS.match(head) is not None


def html_mails(content: Content) -> Iterator[tuple[int, str]]:
    """Each message with the line it begins on: one, unless postmarks part several."""
    start, length = 1, 0
    lines: list[str] = []
    for number, line in content.lines():
        if _POSTMARK.match(line):
            if any(map(str.strip, lines)):
                yield start, "\n".join(lines)
            start, length, lines = number, 0, []
            continue
        lines.append(line)
        length += len(line)
        if length > _LARGEST_MAIL:
            raise DumpError(Problem("a mail larger than any alert", content.name, start, way_out="split the mailbox"))
    if any(map(str.strip, lines)):
        yield start, "\n".join(lines)


def html_of(text: str) -> tuple[str, str | None]:
    """The mail's HTML, its own or that of a mail it forwards, and its date as written."""
    from email import message_from_bytes  # a heavy import, for this kind alone

    if text.lstrip().startswith("<"):
        return text, None
    data = text.lstrip().encode("utf-8", "replace")
    message = message_from_bytes(data)
    date = message.get("Date")
    pages = [_decoded(part) for part in message.walk() if part.get_content_type() == "text/html"]
    return "\n".join(pages), fold_spaces(str(date)) if date else None


def _decoded(part: Any) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    encoded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("quoted-printable", "base64")
    try:  # what came unencoded was decoded with the whole dump
        return payload.decode((part.get_content_charset() or "utf-8") if encoded else "utf-8")
    except (LookupError, ValueError):
        return payload.decode("cp1252", "replace")
