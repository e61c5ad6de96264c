"""What an answer of a mail server says about an address: one model, for answers while sending and for reports after."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Weight(StrEnum):
    """How much an answer weighs against the address.

    ``hard``: there is no such mailbox. ``soft``: it may work another time; several in a row weigh as much.
    ``none``: it says nothing about the address.
    """

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"


class Judgement(NamedTuple):
    """The weight of an answer, and why in words."""

    weight: Weight
    reason: str


# Enhanced status codes, https://www.iana.org/assignments/smtp-enhanced-status-codes; what follows a dash is Exchange's
# own, https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
_NO_MAILBOX = "there is no such mailbox"
_NO_DOMAIN = "there is no such domain, or it takes no mail"
_CONTENT = "the message was refused, not the address"
_POLICY = "a policy refused the message or its sender, not the address"
_STATUS: tuple[tuple[str, Judgement], ...] = (
    (r"5\.1\.(1|6|10)", Judgement(Weight.HARD, _NO_MAILBOX)),
    (r"5\.1\.3", Judgement(Weight.HARD, "the address is malformed")),
    (r"5\.(1\.2|4\.4|4\.310)", Judgement(Weight.HARD, _NO_DOMAIN)),
    (r"5\.2\.1", Judgement(Weight.HARD, "the mailbox is closed")),
    (r"5\.1\.[78]", Judgement(Weight.NONE, "our own address as the sender was refused")),
    (r"[45]\.2\.2", Judgement(Weight.SOFT, "the mailbox is full")),
    (r"5\.(2\.3|3\.4)", Judgement(Weight.NONE, f"too large: {_CONTENT}")),
    (r"[45]\.6\.\d+", Judgement(Weight.NONE, _CONTENT)),
    (r"[45]\.7\.\d+", Judgement(Weight.NONE, _POLICY)),
    (r"5\.5\.\d+", Judgement(Weight.NONE, "the mail servers did not understand each other")),
    (r"[45]\.4\.[67]", Judgement(Weight.SOFT, "it could not be delivered in the time it had")),
    (r"[45]\.[34]\.\d+", Judgement(Weight.SOFT, "the mail system behind the address failed")),
    (r"4\.\d+\.\d+", Judgement(Weight.SOFT, "it could not be delivered for now")),
)
_KNOWN = tuple((re.compile(pattern), judgement) for pattern, judgement in _STATUS)
# Words decide where the code says no more than "refused". Those that spare the address come first.
_WORDS: tuple[tuple[str, Judgement], ...] = (
    (
        r"spam|blacklist|blocklist|block list|blocked|reputation|spamhaus|barracuda|dmarc|\bspf\b|dkim|policy|virus|"
        r"malware|suspicious|unsolicited|content|relay(ing)? (access )?denied|not permitted to relay|rate limit|"
        r"too many|greylist|message size|too large|exceeds size",
        Judgement(Weight.NONE, _POLICY),
    ),
    (
        r"over ?quota|quota exceeded|exceeded.{0,20}quota|mailbox (is )?full|insufficient (system )?storage|"
        r"exceeded storage",
        Judgement(Weight.SOFT, "the mailbox is full"),
    ),
    (
        r"(user|recipient|mailbox|address|account|person)( name)?( is)?( was)? ?(unknown|not found|not exist|invalid)|"
        r"(unknown|no such|invalid|nonexistent|non-existent) (local )?(user|recipient|mailbox|address|account|person)|"
        r"does ?n[o']t (exist|have (a|an) .{0,30}account)|does not exist|no mailbox here|unrouteable address|"
        r"unroutable address|not a valid (user|mailbox|recipient)|no longer (valid|exists|available|active)|"
        r"recipientnotfound|(user|account|mailbox) (is |has been )?(disabled|deactivated|inactive|closed)|"
        # Exchange Online answers so at its edge for mailboxes it does not have.
        r"recipient address rejected: access denied",
        Judgement(Weight.HARD, _NO_MAILBOX),
    ),
    (
        r"(host|domain)( name)?( is)? ?(unknown|not found|does not exist)|no such (host|domain)|nxdomain|null mx|"
        r"could ?n[o']t find any host",
        Judgement(Weight.HARD, _NO_DOMAIN),
    ),
)
_SAID = tuple((re.compile(pattern, re.IGNORECASE), judgement) for pattern, judgement in _WORDS)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# Where servers write theirs: in front, behind the code of the answer, or as qmail does, "(#5.1.1)".
_ANSWERED = re.compile(r"(?:^|(?<![\d.])[245]\d\d[ -]|#)[#<( ]*([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?=[ \-#]|$)")
# 5.4.1 is "no answer from host", and what Exchange Online says of mailboxes it does not have; sendmail's 5.3.0 is any.
_VAGUE = frozenset({"5.4.1", "5.3.0"})
_UNCLEAR = Judgement(Weight.SOFT, "refused for no reason that is known")
_LONGEST = 2_000  # characters of an answer that are looked at


def judge(words: str, status: str = "") -> Judgement:
    """Judge an answer: its words ("550 5.1.1 <ada@...>: User unknown"), and the status a report gives beside it.

    A status that the words give as their own is nearer to who refused than the report's. One anywhere else in them may
    be of something that they quote, and counts for nothing.
    """
    words = words[:_LONGEST]
    answered = _ANSWERED.search(words)
    for each in (_enhanced(answered[1]) if answered else "", _enhanced(status)):
        if each and not each.endswith(".0.0"):
            found = next((judgement for pattern, judgement in _KNOWN if pattern.fullmatch(each)), None)
            said = _by_words(words)
            if each in _VAGUE and said is not None and said.weight is Weight.HARD:
                return said
            if found is not None:
                return found
    return _by_words(words) or _by_code(words, status)


def _enhanced(text: str) -> str:
    found = _ENHANCED.search(text)
    return ".".join(str(int(part)) for part in found.groups()) if found else ""


def _by_words(words: str) -> Judgement | None:
    return next((judgement for pattern, judgement in _SAID if pattern.search(words)), None)


def _by_code(words: str, status: str) -> Judgement:
    found = _CODE.search(words)
    code = found[1] if found else ""
    if code in ("552", "554"):  # mostly of the message as a whole
        return Judgement(Weight.NONE, _CONTENT)
    if code.startswith("4") or _enhanced(status).startswith("4"):
        return Judgement(Weight.SOFT, "it could not be delivered for now")
    return _UNCLEAR
