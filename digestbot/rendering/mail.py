"""The face for e-mail: one complete message, text first and then HTML, all but the Date of its sending."""

from __future__ import annotations

import hashlib
import re
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from digestbot.core.deliveries import Message, Part
from digestbot.core.digests import Digest
from digestbot.core.errors import Problem, UsageError
from digestbot.core.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.subject import outside_encoded_words, subject
from digestbot.rendering.templating import Templates
from digestbot.rendering.text import clean
from digestbot.rendering.view import view

_LINE = 76  # https://www.rfc-editor.org/rfc/rfc2047#section-2
_LONGEST_LABEL = 63  # of a domain name: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
_NO_LABEL = re.compile(r"[^A-Za-z0-9-]+")
_ADDRESS = re.compile(r"(?P<name>.*?)\s*<(?P<named>[^<>]+)>|(?P<bare>[^\s<>]+)")
_QUOTED = re.compile(r"\\(.)")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")  # what Python's parser of addresses refuses before the @
_MOSTLY_ASCII = 6  # quoted-printable takes 3 bytes for each of the others, base64 a third more for all


class _MailPolicy(EmailPolicy):
    """RFC 5322 with CRLF, past what Python's own folding gets wrong.

    It would encode a long id, and loses spaces between encoded words.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as it stands on the wire, its line end included."""
        if name in ("Message-ID", "List-Id"):
            return f"{name}: {value}\r\n".encode("ascii")
        if name == "Subject" and not value.isascii():
            return f"{name}: {_encoded(name, value)}\r\n".encode("ascii")
        if name in ("From", "To") and not value.addresses[0].display_name.isascii():
            (address,) = value.addresses
            return f"{name}: {_encoded(name, address.display_name)}\r\n <{address.addr_spec}>\r\n".encode()
        return super().fold_binary(name, value)


def _encoded(name: str, text: str) -> str:
    return Header(text, "utf-8", header_name=name, maxlinelen=_LINE).encode(linesep="\r\n")


_POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=_LINE)


class MailFace:
    """A digest as a message with CRLF line ends, of 7-bit bytes unless an address itself is not."""

    name = "email"

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.eml``. Raises TemplateError, and UsageError for an address that is none."""
        shown = view(digest, envelope)
        sender = _address(envelope.mail_from, "DIGESTBOT_MAIL_FROM")
        recipient = _address(to.options.get("address", ""), "address")
        # An address outside ASCII has no other spelling: that message takes a server with SMTPUTF8.
        ascii_only = sender.addr_spec.isascii() and recipient.addr_spec.isascii()
        mail = EmailMessage(_POLICY if ascii_only else _POLICY.clone(utf8=True))
        mail["From"] = sender
        mail["To"] = recipient
        mail["Subject"] = subject(shown)
        mail["Message-ID"] = f"<{_label(envelope.delivery_id)}@{sender.domain}>"
        mail["List-Id"] = f"<{_label(digest.record.subscription)}.{sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # https://www.rfc-editor.org/rfc/rfc3834#section-5
        mail["Precedence"] = "bulk"
        mail["X-Auto-Response-Suppress"] = "All"
        _body(mail, self._templates.write("text", shown, to.theme), "plain")
        mail.make_alternative(boundary=f"=_digestbot_{_label(envelope.delivery_id)[:40]}")
        page = EmailMessage(_POLICY)
        _body(page, self._templates.write("html", shown, to.theme), "html")
        del page["MIME-Version"]
        mail.attach(page)
        return Message((Part("digest.eml", "message/rfc822", mail.as_bytes()),), str(mail["Subject"]))


def _body(mail: EmailMessage, text: str, subtype: str) -> None:
    """Whichever encoding is shorter; readable where the text is mostly ASCII. "=_" occurs in neither."""
    others = sum(not char.isascii() for char in text)
    encoding = "quoted-printable" if others * _MOSTLY_ASCII <= len(text) else "base64"
    mail.set_content(text, subtype=subtype, charset="utf-8", cte=encoding)


def _address(written: str, place: str) -> Address:
    """The address in ``Name <name@example.org>`` or by itself. Raises UsageError when it is none."""
    found = _ADDRESS.fullmatch(clean(written))
    name = found["name"] or "" if found else ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _QUOTED.sub(r"\1", name[1:-1])
    name = outside_encoded_words(name)
    local, _, domain = (found["named"] or found["bare"]).strip().rpartition("@") if found else ("", "", "")
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


def _label(text: str) -> str:
    """A text as one label of a domain name; one that loses something by it keeps a hash of the whole."""
    label = _NO_LABEL.sub("-", text).strip("-")
    if label == text != "" and len(label) <= _LONGEST_LABEL:
        return label
    digits = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{label[:40]}-{digits}".lstrip("-")
