"""The parts of a mail, or of a page saved as one (MHTML), each decoded; and pages left in a mail's encoding."""

from __future__ import annotations

import quopri
import re
from collections.abc import Callable, Iterator
from typing import Any

from digestbot.readers.content import Content

_ENCODED = re.compile(
    r"^Content-Transfer-Encoding:\s*(?:quoted-printable|base64)|^Content-Type:\s*multipart/",
    re.IGNORECASE | re.MULTILINE,
)
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/pdf", "text/css", "application/javascript")
_MOST_PARTS = 200
_QUOTED = re.compile(r"=3D[\"'\w]")
_SOFT_BREAK = re.compile(r"=\n")
_WANTED_MARKS = 3


def is_encoded(head: str) -> bool:
    """Whether the mail that begins so has an encoded body, or several parts."""
    return _ENCODED.search(head) is not None


def parts_of(content: Content) -> Iterator[tuple[bytes, ...]]:
    """Each part of the mail as UTF-8; those that say the same in several ways together, the richest first."""
    from email import message_from_bytes  # a heavy import, for mails alone

    message = message_from_bytes(content.text().lstrip().encode("utf-8", "replace"))
    yield from _within(message, _MOST_PARTS)


def _within(message: Any, most: int) -> Iterator[tuple[bytes, ...]]:
    kind = message.get_content_type()
    if not message.is_multipart():
        if not kind.startswith(_NO_TEXT) and (data := decoded(message)):
            yield (data,)
        return
    members = message.get_payload()[:most]
    if kind == "multipart/alternative":
        ways = [each for member in reversed(members) for each in _within(member, most // 4 + 1)]
        if ways:
            yield tuple(data for way in ways for data in way)
        return
    for member in members:
        yield from _within(member, most // 4 + 1)


def decoded(part: Any) -> bytes:
    """The part's bytes, text as UTF-8; what came unencoded was decoded with the whole dump."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return b""
    encoded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("quoted-printable", "base64")
    charset = part.get_content_charset()
    if not encoded or charset is None or charset in ("utf-8", "us-ascii"):
        return payload
    try:
        return payload.decode(charset).encode("utf-8", "replace")
    except (LookupError, ValueError):
        return payload


def encoded_page(head: str) -> Callable[[str], str] | None:
    """How to decode a page that was cut out of a mail with its quoted-printable signs; None for any other text."""
    if head.lstrip()[:1] != "<" or len(_QUOTED.findall(head)) < _WANTED_MARKS or not _SOFT_BREAK.search(head):
        return None
    return lambda text: quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
