"""What a mail that came back says, before anybody asks whether it is of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """What it is. ``reply``: a machine or a person answers, which says nothing about the address."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REQUEST = "request to unsubscribe"
    REPLY = "automatic reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient a report speaks of.

    ``address`` is where the mail ended up, ``original`` where it was sent to, empty where the report does not say.
    ``action`` is failed, delayed, delivered, relayed or expanded (RFC 3464); ``words`` the answer that was given.
    """

    address: str
    original: str = ""
    action: str = "failed"
    status: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """One mail. ``marks`` are texts in which the signed id of a delivery may stand: addresses it came to, and headers
    of the message it is about, never that message's body. ``token`` is the word of a request.
    """

    kind: ReportKind
    recipients: tuple[Recipient, ...] = ()
    marks: tuple[str, ...] = ()
    token: str = ""
    message_id: str = ""
    note: str = ""
