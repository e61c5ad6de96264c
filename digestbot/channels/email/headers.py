"""The headers of an e-mail, each as it stands on the wire: folded by us, since Python's folding loses some."""

from __future__ import annotations

import binascii
import hashlib
import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import lru_cache
from urllib.parse import quote

from digestbot.model.errors import Problem, UsageError
from digestbot.model.subscriptions import Destination
from digestbot.platform.links.returns import HEADER
from digestbot.rendering.base import Envelope
from digestbot.rendering.links import web_link
from digestbot.rendering.subject import outside_encoded_words
from digestbot.rendering.text import clean

_LINE = 76  # https://www.rfc-editor.org/rfc/rfc2047#section-2
_WORD = 39  # bytes that make an encoded word which fits behind "Subject: "
_LONGEST_LINE = 998  # https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1
_LONGEST_LABEL = 63  # of a domain name: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
_NO_LABEL = re.compile(r"[^A-Za-z0-9-]+")
_ADDRESS = re.compile(r"(?P<name>.*?)\s*<(?P<named>[^<>]+)>|(?P<bare>[^\s<>]+)")
_QUOTED = re.compile(r"\\(.)")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")  # what Python's parser of addresses refuses before the @
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
_PLAIN_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


def headers(subject: str, sender: Address, recipient: Address, subscription: str, envelope: Envelope) -> str:
    """All headers before MIME-Version, with CRLF line ends. `subscription` is its id."""
    domain = sender.domain
    series = label_of(f"{subscription}/{recipient.addr_spec}", always_hashed=True)
    # The first message of the series was never sent: mail programs gather its answers into one thread.
    root = f"<series-{series}@{domain}>"
    return "".join(
        (
            _person("From", sender),
            _person("To", recipient),
            _words("Subject", subject),
            f"Message-ID: <{label_of(envelope.delivery_id)}@{domain}>\r\n",
            f"In-Reply-To: {root}\r\nReferences: {root}\r\n" if envelope.series else "",
            f"List-Id: <{label_of(subscription)}.{domain}>\r\n",
            _unsubscribe(envelope, subscription),
            "Auto-Submitted: auto-generated\r\n",  # https://www.rfc-editor.org/rfc/rfc3834#section-5
            "Precedence: bulk\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            # Google's: what complaints are counted by, the sender last
            # (https://support.google.com/a/answer/6254652).
            f"Feedback-ID: {label_of(subscription)}:digest:{label_of(domain)}\r\n",
            f"{HEADER}: {envelope.return_id}\r\n" if envelope.return_id else "",
        )
    )


def address_of_sender(envelope: Envelope) -> Address:
    """Whom the message is from. Raises UsageError when that is no address."""
    return _address(envelope.mail_from, "DIGESTBOT_MAIL_FROM")


def address_of(to: Destination) -> Address:
    """Whom the message goes to. Raises UsageError when that is no address."""
    return _address(to.options.get("address", ""), "address")


def _unsubscribe(envelope: Envelope, subscription: str) -> str:
    """How to end it: on one POST (RFC 8058), by a mail, or both; else by a letter to the operator, else nothing.

    The address stands on one line, however long: folded or encoded, mail programs do not find it.
    """
    if envelope.unsubscribe_url is not None:
        spaced = len(envelope.unsubscribe_url.split()) != 1
        link = None if spaced else web_link(envelope.unsubscribe_url)
        if link is None or not link.startswith("https://") or len(link) > _LONGEST_LINE - 30:
            what = f"{envelope.unsubscribe_url[:80]!r} is no address for one-click unsubscription"
            raise UsageError(Problem(what, "unsubscribe_url", way_out="let DIGESTBOT_PUBLIC_URL begin with https://"))
        # Between <> a comma is fine, yet some split the header at each.
        address = link.replace(",", "%2C")
        by_mail = f",\r\n <{envelope.unsubscribe_mailto}>" if envelope.unsubscribe_mailto else ""
        return f"List-Unsubscribe: <{address}>{by_mail}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    if envelope.unsubscribe_mailto is not None:
        return f"List-Unsubscribe: <{envelope.unsubscribe_mailto}>\r\n"
    if envelope.operator is not None:
        mailto = quote(_address(envelope.operator, "DIGESTBOT_OPERATOR").addr_spec, safe="@")
        asked = quote(f"unsubscribe {label_of(subscription)}", safe="")
        return f"List-Unsubscribe: <mailto:{mailto}?subject={asked}>\r\n"
    return ""


def _words(name: str, text: str) -> str:
    """Free text: as it is where it is ASCII and can be folded at spaces, else in encoded words."""
    line = f"{name}: {text}"
    if text.isascii():
        if len(line) <= _LINE:
            return f"{line}\r\n"
        lines = _folded(line)
        if max(map(len, lines)) <= _LINE:
            return "\r\n".join(lines) + "\r\n"
    return f"{name}: {_encoded(text)}\r\n"


def _folded(line: str) -> list[str]:
    """The line in several, each but the first beginning with the space it was cut at."""
    lines = []
    while len(line) > _LINE:
        at = line.rfind(" ", 1, _LINE + 1)
        # A space alone behind the header's name would leave its first line empty.
        if at <= 0 or line[:at].endswith(":"):
            break
        lines.append(line[:at])
        line = line[at:]
    return [*lines, line]


def _person(name: str, address: Address) -> str:
    if not address.display_name.isascii() or len(address.display_name) > _LINE - 20:
        return f"{name}: {_encoded(address.display_name)}\r\n <{address.addr_spec}>\r\n"
    line = f"{name}: {address}"
    if len(line) <= _LINE or not address.display_name:
        return f"{line}\r\n"
    shown = str(address).removesuffix(f" <{address.addr_spec}>")
    return f"{name}: {shown}\r\n <{address.addr_spec}>\r\n"


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047) on lines of their own, each of whole characters."""
    words, rest = [], text.encode()
    while len(rest) > _WORD:
        end = _WORD
        while rest[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        words.append(rest[:end])
        rest = rest[end:]
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(each, newline=False).decode()}?=" for each in (*words, rest))


@lru_cache(maxsize=1024)
def _address(written: str, place: str) -> Address:
    """The address in ``Name <name@example.org>`` or by itself. Raises UsageError when it is none."""
    found = _ADDRESS.fullmatch(clean(written))
    name = found["name"] or "" if found else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _QUOTED.sub(r"\1", name[1:-1])
    name = outside_encoded_words(name)
    local, _, domain = (found["named"] or found["bare"]).strip().rpartition("@") if found else ("", "", "")
    if _PLAIN_LOCAL.fullmatch(local) and _PLAIN_DOMAIN.fullmatch(domain) and len(domain) <= _LONGEST_LABEL:
        return Address(display_name=name, username=local, domain=domain)
    try:
        domain = domain.encode("idna").decode("ascii")
        if not local or not domain:
            raise ValueError("it is not of the form name@example.org")
        plain = Address(display_name=name, addr_spec=f"{_NOT_ASCII.sub('x', local)}@{domain}")
        return plain if local.isascii() else Address(display_name=name, username=local, domain=domain)
    except (ValueError, HeaderParseError) as error:
        raise UsageError(
            Problem(f"{written!r} is no e-mail address: {error}", place, way_out="write name@example.org")
        ) from error


def label_of(text: str, *, always_hashed: bool = False) -> str:
    """A text as one label of a domain name; one that loses something by it keeps a hash of the whole."""
    label = _NO_LABEL.sub("-", text).strip("-")
    if label == text != "" and len(label) <= _LONGEST_LABEL and not always_hashed:
        return label
    digits = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digits[:32] if always_hashed else f"{label[:40]}-{digits[:8]}".lstrip("-")
