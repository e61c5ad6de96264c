"""Mails as text: encoded bodies unpacked, several messages in one file (mbox) taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from digestbot.model.errors import DumpError, Problem
from digestbot.readers.content import Content

if TYPE_CHECKING:  # takes a while to import, and few dumps are mails
    from email.message import EmailMessage

_LARGEST_MAIL = 32 * 1024 * 1024  # characters of an encoded message
_SHOWN = frozenset({"from", "date", "subject", "list-id"})
_MOST_HEADERS = 500  # lines
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*:(?:\s|$)|From \S")
_ENCODED = re.compile(
    r"^Content-Transfer-Encoding:\s*(?:quoted-printable|base64)|^Content-Type:\s*multipart/|^Subject:.*=\?",
    re.IGNORECASE | re.MULTILINE,
)


def readable_lines(content: Content) -> Iterator[tuple[int, str]]:
    """Line number and line of the text as a mail program shows it; what is no mail comes as it is.

    Lines of an encoded body count on from the line where its message begins.
    """
    yield from _readable(content.lines(), content.name)


def readable_head(head: str) -> str:
    """The beginning of a dump, as `readable_lines` would give it."""
    if not _HEADER.match(head) or not _ENCODED.search(head):
        return head
    return "\n".join(line for _, line in _readable(enumerate(head.split("\n"), 1), "the beginning"))


def _readable(lines: Iterable[tuple[int, str]], name: str) -> Iterator[tuple[int, str]]:
    headers: list[tuple[int, str]] | None = []
    body: list[str] | None = None
    for number, line in lines:
        starts = line.startswith("From ") and _is_postmark(line)
        if starts and body is not None and headers:
            yield from _unpacked(headers[0][0], headers, body, name)
        if starts:
            headers, body = [(number, line)], None
        elif body is not None:
            body.append(line)
            _check_size(body, number, name)
        elif headers is None:
            yield number, line
        elif line and (_HEADER.match(line) or (headers and line[0] in " \t")) and len(headers) < _MOST_HEADERS:
            headers.append((number, line))
        elif not line and headers and _ENCODED.search("\n".join(text for _, text in headers)):
            body = []
        else:
            yield from headers
            yield number, line
            headers = None
    if body is not None and headers:
        yield from _unpacked(headers[0][0], headers, body, name)
    elif headers:
        yield from headers


def _is_postmark(line: str) -> bool:
    return re.search(r"\d\d:\d\d", line) is not None


def _check_size(body: list[str], number: int, name: str) -> None:
    if len(body) % 100_000 == 0 and sum(map(len, body)) > _LARGEST_MAIL:
        raise DumpError(Problem("a mail larger than any listing", name, number, way_out="split the mailbox"))


def _unpacked(start: int, headers: list[tuple[int, str]], body: list[str], name: str) -> Iterator[tuple[int, str]]:
    from email.message import EmailMessage
    from email.parser import BytesParser
    from email.policy import default

    lines = [text for _, text in headers if not text.startswith("From ")]
    data = "\n".join([*lines, "", *body]).encode("utf-8", "replace")
    message = BytesParser(EmailMessage, policy=default).parsebytes(data)
    shown = [f"{key}: {_header(message, key, value)}" for key, value in message.raw_items() if key.lower() in _SHOWN]
    yield from enumerate([*shown, "", *_text(message).splitlines()], start)


def _header(message: EmailMessage, key: str, written: str) -> str:
    if "=?" not in written:
        return " ".join(written.split())
    try:
        return str(message[key])
    except (ValueError, IndexError, AttributeError, KeyError, TypeError):  # email's own parser on odd headers
        return ""


def _text(message: EmailMessage) -> str:
    """The plain text of all parts; of a part in another encoding than it says, what can be read."""
    texts = []
    for part in message.walk():
        if part.get_content_type() != "text/plain":
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        encoded = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("quoted-printable", "base64")
        charset = part.get_content_charset("utf-8") if encoded else "utf-8"
        try:
            texts.append(payload.decode(charset))
        except (LookupError, ValueError):
            texts.append(payload.decode("cp1252", "replace"))
    return "\n".join(texts)
