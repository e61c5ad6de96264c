"""The renderer for e-mail: one complete message, text first and then HTML, all but the Date of its sending."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from digestbot.channels.email.headers import address_of, address_of_sender, headers, label_of
from digestbot.model.deliveries import Message, Part
from digestbot.model.digests import Digest
from digestbot.model.subscriptions import Destination
from digestbot.rendering.base import Envelope, TemplateError
from digestbot.rendering.encoded import Links, encoded, stand_ins
from digestbot.rendering.links import web_link
from digestbot.rendering.subject import subject
from digestbot.rendering.templating import Read, Templates
from digestbot.rendering.view import view

_ATTACHED = b'Content-Disposition: attachment; filename="digest.txt"\r\n'


class MailRenderer:
    """A digest as a message with CRLF line ends, of 7-bit bytes unless an address itself is not.
    Where its pages do not show every paper in full, the whole text is attached as `digest.txt`.

    It is joined by hand, some ten times faster than by `email.message`, with which the tests read it.
    """

    name = "email"

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def write(self, digest: Digest, to: Destination, envelope: Envelope) -> Message:
        """One part, ``digest.eml``. Raises TemplateError, and UsageError for an address that is none."""
        own = web_link(envelope.unsubscribe_url), web_link(envelope.preferences_url)
        line, *parts = self._read(digest, to, envelope, own)
        text, html, whole = (part.filled(own) if part else b"" for part in parts)
        head = headers(line, address_of_sender(envelope), address_of(to), digest.record.subscription, envelope)
        # "=_" occurs in neither encoding.
        label = label_of(envelope.delivery_id)[:40]
        body = _multipart("alternative", f"=_digestbot_{label}", text, html)
        if whole:
            body = _multipart("mixed", f"=_whole_{label}", body, _ATTACHED + whole)
        body = f"{head}MIME-Version: 1.0\r\n".encode() + body
        return Message((Part("digest.eml", "message/rfc822", body),), line)

    def _read(self, digest: Digest, to: Destination, envelope: Envelope, own: Links) -> Read:
        """What readers see: the same for all who see the same, but for their own links, if it can be."""
        # Only of our own templates it is known that they do nothing with a link but write it.
        if self._templates.ours(to.theme):
            with suppress(TemplateError):  # one that is not ours after all may have looked into a stand-in
                read = self._latest(digest, to, envelope, stand_ins(own))
                if self._templates.ours(to.theme):
                    return read
        return self._latest(digest, to, envelope, own)

    def _latest(self, digest: Digest, to: Destination, envelope: Envelope, links: Links) -> Read:
        """With these links: only the headers, the boundary and what stands for the links are a reader's own."""
        written = envelope.public_url, envelope.note, envelope.opinions, envelope.waiting_url, envelope.citation_urls
        seen = to.theme, written, links
        read = self._templates.latest.get(digest, seen)
        if read is None:  # two threads may come here at once, and write the same
            shown, (unsubscribe, preferences) = view(digest, envelope), links
            shown = replace(shown, unsubscribe=unsubscribe, pages=preferences or shown.pages)
            text, html, whole = self._templates.write_mail(shown, to.theme)
            attached = encoded(whole, "plain") if whole else None
            read = subject(shown), encoded(text, "plain"), encoded(html, "html"), attached
            self._templates.latest.put(digest, seen, read)
        return read


def _multipart(subtype: str, boundary: str, *parts: bytes) -> bytes:
    """Parts in one, with its header."""
    opening = f"\r\n--{boundary}\r\n".encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode("ascii")
    return b"".join((head, *(opening + part for part in parts), f"\r\n--{boundary}--\r\n".encode("ascii")))
