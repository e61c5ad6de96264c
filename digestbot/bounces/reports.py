"""The standard reports: delivery status notifications (RFC 3464) and complaints (RFC 5965), in any vendor's layout."""

from __future__ import annotations

import base64
import binascii
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from digestbot.bounces.base import Recipient
from digestbot.bounces.fields import address, one_line, typed

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
_WHOLE = ("message/rfc822", "message/global")
_AGAINST = frozenset({"abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized"})
_MOST_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint: its kind, whom it was sent to where that is told, and texts that may hold our id."""

    kind: str
    recipients: tuple[Recipient, ...]
    marks: tuple[str, ...]


def delivery_status(mail: Message) -> tuple[Recipient, ...] | None:
    """The recipients of a delivery status notification; None for another mail."""
    part = _part(mail, _STATUS)
    if part is None:
        return None
    found: list[Recipient] = []
    for fields in _blocks(part):
        if "final-recipient" in fields or "original-recipient" in fields:
            found.append(_recipient(fields))
        if len(found) == _MOST_RECIPIENTS:
            break
    return tuple(found)


def _recipient(fields: Message) -> Recipient:
    action = one_line(fields.get("action", "failed")).split(" ")[0].lower()
    return Recipient(
        address=address(fields.get("final-recipient", "")),
        original=address(fields.get("original-recipient", "")),
        action=action,
        status=one_line(fields.get("status", "")),
        words=typed(fields.get("diagnostic-code", "")) or typed(fields.get("x-display-name", "")),
    )


def complaint(mail: Message) -> Complaint | None:
    """The complaint in a feedback report; None for another mail, and for one that says "this is no spam"."""
    part = _part(mail, ("message/feedback-report",))
    if part is None:
        return None
    fields = next(_blocks(part), Message())
    kind = one_line(fields.get("feedback-type", "")).lower()
    if kind not in _AGAINST:
        return None
    told = [each for name in ("original-rcpt-to", "removal-recipient") for each in fields.get_all(name, [])]
    marks = [one_line(each) for each in fields.get_all("original-mail-from", [])]
    recipients = tuple(Recipient(address(each), action="complained") for each in told[:_MOST_RECIPIENTS])
    return Complaint(kind, recipients, tuple(marks))


def headers_of_original(mail: Message) -> Message | None:
    """The headers of the message that a report is about."""
    part = _part(mail, (*_WHOLE, *_HEADERS))
    if part is None:
        return None
    if part.get_content_type() in _WHOLE and part.is_multipart():
        inner = part.get_payload(0)
        return inner if isinstance(inner, Message) else None
    return HeaderParser().parsestr(_text(part).lstrip())


def _part(mail: Message, kinds: tuple[str, ...]) -> Message | None:
    """The first part of one of these kinds, of the report itself and not of what it quotes."""
    if not mail.is_multipart() or mail.get_content_maintype() != "multipart":
        return None
    parts = [each for each in mail.get_payload() if isinstance(each, Message)]
    # A gateway that adds its disclaimer wraps the whole report once more.
    inner = (each.get_payload() for each in parts if each.get_content_maintype() == "multipart")
    parts += [each for payload in inner for each in payload if isinstance(each, Message)]
    return next((each for each in parts if each.get_content_type() in kinds), None)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields in a report's part, however it is encoded."""
    encoded = one_line(part.get("content-transfer-encoding", "")).lower() in ("base64", "quoted-printable")
    if part.get_content_type() == "message/delivery-status" and part.is_multipart() and not encoded:
        yield from (each for each in part.get_payload() if isinstance(each, Message))
        return
    for block in _text(part).replace("\r\n", "\n").split("\n\n"):
        if block.strip():
            yield HeaderParser().parsestr(block.lstrip("\n"))


def _text(part: Message) -> str:
    """A part as text, whatever the parser has made of it."""
    if part.is_multipart():
        raw = "\n\n".join(each.as_string() for each in part.get_payload() if isinstance(each, Message)).encode(
            "utf-8", "surrogateescape"
        )
    else:
        raw = str(part.get_payload()).encode("utf-8", "surrogateescape")
    encoding = one_line(part.get("content-transfer-encoding", "")).lower()
    try:
        if encoding == "base64":
            raw = base64.b64decode(raw)
        elif encoding == "quoted-printable":
            raw = quopri.decodestring(raw)
    except binascii.Error:
        pass  # it was none
    return raw.decode("utf-8", "replace")
