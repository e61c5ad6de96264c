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
from digestbot.rendering.templating import Read, Templates
from digestbot.rendering.view import view

_ATTACHED = b'Content-Disposition: attachment; filename="digest.txt"\r\n'
_LINE = 76  # https://www.rfc-editor.org/rfc/rfc2045#section-6.8
_BLOCK_ENDS = {"plain": "\n\n", "html": "</tr>\n"}  # about one to a paper
_ASCII = bytes(range(128))
_MOSTLY_ASCII = 6  # quoted-printable takes 3 bytes for each of the others, base64 a third more for all


class MailFace:
    """A digest as a message with CRLF line ends, of 7-bit bytes unless an address itself is not.
    Where its pages do not show every paper in full, the whole text is attached as `digest.txt`.

    It is joined by hand, some ten times faster than by `email.message`, with which the tests read it.
    """

    name = "email"

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.eml``. Raises TemplateError, and UsageError for an address that is none."""
        seen = to.theme, envelope.public_url, envelope.note, envelope.unsubscribe_url
        line, text, html, whole = self._templates.latest.of(digest, seen, lambda: self._read(digest, to, envelope))
        head = headers(line, address_of_sender(envelope), address_of(to), digest.record.subscription, envelope)
        # "=_" occurs in neither encoding.
        label = label_of(envelope.delivery_id)[:40]
        body = _multipart("alternative", f"=_digestbot_{label}", text, html)
        if whole:
            body = _multipart("mixed", f"=_whole_{label}", body, _ATTACHED + whole)
        body = f"{head}MIME-Version: 1.0\r\n".encode() + body
        return Message((Part("digest.eml", "message/rfc822", body),), line)

    def _read(self, digest: Digest, to: Destination, envelope: Envelope) -> Read:
        """What is the same for all readers who see the same: only the headers and the boundary are one's own."""
        shown = view(digest, envelope)
        text, html, whole = self._templates.write_mail(shown, to.theme)
        return subject(shown), _body(text, "plain"), _body(html, "html"), _body(whole, "plain") if whole else b""


def _multipart(subtype: str, boundary: str, *parts: bytes) -> bytes:
    """Parts in one, with its header."""
    opening = f"\r\n--{boundary}\r\n".encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode("ascii")
    return b"".join((head, *(opening + part for part in parts), f"\r\n--{boundary}--\r\n".encode("ascii")))


def _body(text: str, subtype: str) -> bytes:
    """A part with its headers, in whichever encoding is shorter; readable where the text is mostly ASCII."""
    raw = text.encode()
    if text.isascii() or len(raw.translate(None, _ASCII)) * _MOSTLY_ASCII <= len(raw):
        end = _BLOCK_ENDS[subtype]
        *blocks, last = text.split(end)
        encoding, encoded = "quoted-printable", b"".join([*(_quoted(block + end) for block in blocks), _quoted(last)])
    else:
        encoded = binascii.b2a_base64(raw.replace(b"\n", b"\r\n"), newline=False)
        lines = (encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))
        encoding, encoded = "base64", b"\r\n".join((*lines, b""))
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii") + encoded


@lru_cache(maxsize=4096)
def _quoted(block: str) -> bytes:
    """Whole lines in quoted-printable. Digests share most of theirs: the markup, and the papers."""
    return binascii.b2a_qp(block.replace("\r", "").replace("\n", "\r\n").encode(), istext=True)
