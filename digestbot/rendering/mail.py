"""The face for e-mail: one complete message, text first and then HTML, all but the Date of its sending."""

from __future__ import annotations

import binascii
from functools import lru_cache

from digestbot.core.deliveries import Message, Part
from digestbot.core.digests import Digest
from digestbot.core.subscriptions import Destination
from digestbot.rendering.base import Envelope
from digestbot.rendering.mail_headers import address_of, address_of_sender, headers, label_of
from digestbot.rendering.subject import subject
from digestbot.rendering.templating import Templates
from digestbot.rendering.view import view

_LINE = 76  # https://www.rfc-editor.org/rfc/rfc2045#section-6.8
_ASCII = bytes(range(128))
_MOSTLY_ASCII = 6  # quoted-printable takes 3 bytes for each of the others, base64 a third more for all


class MailFace:
    """A digest as a message with CRLF line ends, of 7-bit bytes unless an address itself is not.

    It is joined by hand, some ten times faster than by `email.message`, with which the tests read it.
    """

    name = "email"

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.eml``. Raises TemplateError, and UsageError for an address that is none."""
        shown = view(digest, envelope)
        line = subject(shown)
        head = headers(line, address_of_sender(envelope), address_of(to), digest.record.subscription, envelope)
        # "=_" occurs in neither encoding.
        boundary = f"=_digestbot_{label_of(envelope.delivery_id)[:40]}"
        body = b"".join(
            (
                f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"'.encode(),
                f"\r\n\r\n--{boundary}\r\n".encode("ascii"),
                _body(self._templates.write("text", shown, to.theme), "plain"),
                f"\r\n--{boundary}\r\n".encode("ascii"),
                _body(self._templates.write("html", shown, to.theme), "html"),
                f"\r\n--{boundary}--\r\n".encode("ascii"),
            )
        )
        return Message((Part("digest.eml", "message/rfc822", body),), line)


def _body(text: str, subtype: str) -> bytes:
    """A part with its headers, in whichever encoding is shorter; readable where the text is mostly ASCII."""
    raw = text.encode()
    if text.isascii() or len(raw.translate(None, _ASCII)) * _MOSTLY_ASCII <= len(raw):
        encoding, encoded = "quoted-printable", b"\r\n".join(map(_line, text.split("\n")))
    else:
        encoded = binascii.b2a_base64(raw.replace(b"\n", b"\r\n"), newline=False)
        lines = (encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))
        encoding, encoded = "base64", b"\r\n".join((*lines, b""))
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii") + encoded


@lru_cache(maxsize=32_768)
def _line(line: str) -> bytes:
    """A line in quoted-printable. Digests share most of theirs: the markup, and the papers."""
    return binascii.b2a_qp(line.encode() + b"\r\n", istext=True)[:-2]  # whose soft line breaks take after its end
