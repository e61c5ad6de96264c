"""Reports in no standard form: qmail's, older Exim's, and with the extra `bounces` whatever flufl.bounce knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import HeaderParser

from digestbot.bounces.base import Recipient
from digestbot.bounces.fields import addresses_in, one_line

# https://cr.yp.to/proto/qsbmf.txt
_QMAIL = re.compile(r"\s*Hi\. This is the\b.{0,200}?\n\n", re.DOTALL)
_QMAIL_RECIPIENT = re.compile(r"<([^<>\n]+@[^<>\n]+)>:\n((?:[^\n]+\n?)+)")
# Below such a line stands the message that came back: of it only the headers count.
_COPY = re.compile(r"^-{3,} ?[^\n]*\b(copy|original|returned|below)\b[^\n]*$", re.MULTILINE | re.IGNORECASE)
_MAILERS = re.compile(r"(mailer-daemon|postmaster|mail delivery|mdaemon)", re.IGNORECASE)
_LONGEST = 20_000  # characters of the text that are looked at
_LONGEST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Loose:
    """What was found: recipients, texts that may hold our id, and by what it was found."""

    recipients: tuple[Recipient, ...]
    marks: tuple[str, ...]
    note: str


def loose(mail: Message, *, automatic: bool) -> Loose | None:
    """The failed recipients of a report in no standard form; None for a mail that is none."""
    text = _text(mail)[:_LONGEST]
    above, marks = _split(text)
    if _QMAIL.match(above):
        found = [
            Recipient(name, words=one_line(words)[:_LONGEST_WORDS]) for name, words in _QMAIL_RECIPIENT.findall(above)
        ]
        return Loose(tuple(found), marks, "qmail") if found else None
    named = addresses_in(" ".join(map(one_line, mail.get_all("x-failed-recipients", []))))
    if named:
        return Loose(tuple(Recipient(each, words=_about(above, each)) for each in named), marks, "X-Failed-Recipients")
    path = one_line(mail.get("return-path", "")).replace(" ", "")
    is_mailers = path == "<>" or bool(_MAILERS.search(one_line(mail.get("from", ""))))
    if not is_mailers or (automatic and path != "<>"):
        return None
    guessed = _guessed(mail)
    return Loose(tuple(guessed), marks, "flufl.bounce") if guessed else None


def _guessed(mail: Message) -> list[Recipient]:
    """What flufl.bounce makes of it. It tells addresses and no answers, so that none weighs as "no such mailbox"."""
    try:
        from flufl.bounce import all_failures
    except ImportError:
        return []
    for name, value in mail.items():
        if not isinstance(value, str):  # raw bytes of no encoding: its detectors stumble, and fill the log with it
            del mail[name]
            mail[name] = one_line(value)
    try:
        _, permanent = all_failures(mail)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return []  # it stumbles over some malformed mails
    return [Recipient(each.decode("utf-8", "replace")) for each in sorted(permanent)]


def _text(mail: Message) -> str:
    """The first text of a mail."""
    part = next((each for each in mail.walk() if each.get_content_type() == "text/plain"), None)
    if part is None:
        return ""
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(found, bytes) else ""


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """What stands above the quoted message, and those of its headers that may hold our id."""
    cut = _COPY.search(text)
    if cut is None:
        return text, ()
    quoted = HeaderParser().parsestr(text[cut.end() :].lstrip())
    names = ("return-path", "x-digestbot-delivery")
    return text[: cut.start()], tuple(one_line(each) for name in names for each in quoted.get_all(name, []))


def _about(text: str, name: str) -> str:
    """What a report in prose says about one recipient: the lines from its address to the next empty one."""
    start = text.lower().find(name.lower())
    return one_line(text[start + len(name) :].split("\n\n")[0])[:_LONGEST_WORDS] if start >= 0 else ""
