"""A returned mail read: its form tells what it is, and only headers of the message it quotes are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import BytesParser

from digestbot.bounces.base import ReportKind, Returned
from digestbot.bounces.fields import one_line
from digestbot.bounces.nonstandard import loose
from digestbot.bounces.reports import complaint, delivery_status, headers_of_original

MOST = 1 << 20
"""Bytes of a mail that are looked at: what counts stands before the message it quotes."""
_CAME_TO = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "cc")
_OF_ORIGINAL = ("x-digestbot-delivery", "return-path", "sender", "errors-to", "x-mailer-return-path")
_REQUEST = re.compile(r"(?:re:\s*)?unsubscribe[\s:]+(\S{20,1000})", re.IGNORECASE)
_AWAY = re.compile(
    r"(auto(matic)?[- ]?(reply|response|antwort)|out of (the )?office|automatische antwort|abwesenheit|"
    r"r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|vacation)",
    re.IGNORECASE,
)


def read(raw: bytes) -> Returned:
    """What a mail says. Anything is taken: what is no report is told to be none."""
    mail = BytesParser().parsebytes(raw[:MOST])
    marks = list(_all(mail, _CAME_TO))
    name = one_line(mail.get("message-id", ""))[:300]
    report, original = delivery_status(mail), headers_of_original(mail)
    if original is not None:
        marks += _all(original, _OF_ORIGINAL)
    if report is not None:
        return Returned(ReportKind.BOUNCE, report, tuple(marks), message_id=name)
    told = complaint(mail)
    if told is not None:
        marks += told.marks
        return Returned(ReportKind.COMPLAINT, told.recipients, tuple(marks), message_id=name, note=told.kind)
    asked = _REQUEST.fullmatch(one_line(mail.get("subject", "")))
    if asked is not None:
        return Returned(ReportKind.REQUEST, marks=tuple(marks), token=asked[1], message_id=name)
    found = loose(mail, automatic=_is_automatic(mail))
    if found is not None:
        return Returned(ReportKind.BOUNCE, found.recipients, (*marks, *found.marks), message_id=name, note=found.note)
    return Returned(ReportKind.REPLY if _is_automatic(mail) else ReportKind.OTHER, marks=tuple(marks), message_id=name)


def _all(mail: Message, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (one_line(each)[:2_000] for each in mail.get_all(name, []))


def _is_automatic(mail: Message) -> bool:
    """Whether a machine answers (RFC 3834, and what there was before it)."""
    submitted = one_line(mail.get("auto-submitted", "no")).split(";")[0].strip().lower()
    older = any(name in mail for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"))
    precedence = one_line(mail.get("precedence", "")).lower()
    return submitted != "no" or older or precedence == "auto_reply" or bool(_AWAY.match(one_line(mail["subject"])))
