"""E-mail: a ready message gets its Date and leaves through a kept SMTP session."""

from __future__ import annotations

import logging
import re
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from digestbot.channels.base import Channel, Misconfigured, Permanent, Receipt
from digestbot.channels.email.smtp import Dropped, Session
from digestbot.channels.email.smtp_url import SmtpServer, parse_smtp_url
from digestbot.channels.settings import ChannelSettings
from digestbot.model.deliveries import Part
from digestbot.model.subscriptions import Destination

if TYPE_CHECKING:
    from digestbot.channels.email.dkim import Signer

log = logging.getLogger(__name__)

# Servers close idle sessions after some minutes; one that rested longer is not worth the try.
_LONGEST_REST = 60.0
_FROM = re.compile(rb"^from:((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_NEVER_BARE = frozenset(' <>,;()"\\')
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Za-z.:]+\]")


class EmailChannel(Channel):
    """Sends ``Part.body``, a whole RFC 5322 message without Date, to ``options["address"]``.

    As many sessions are kept as threads sent at once.
    """

    kind = "email"

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._resting: list[tuple[Session, float]] = []
        self._lock = threading.Lock()
        self._hostname = settings.helo
        self._warned = False

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Hand one message to the mail server. The key is in its Message-ID already.

        A session that the server has dropped since the last message is replaced once. Raises Temporary,
        Permanent, Unknown or Misconfigured.
        """
        server = parse_smtp_url(self._settings.smtp_url, tokens=self._settings.tokens is not None)
        recipient = mailbox(to.options.get("address", ""))
        now = self._settings.now()
        message = wire_form(part.body, now)
        head = message.partition(b"\r\n\r\n")[0]
        sender = self._settings.return_path(key.partition("-")[0]) or self._sender(head)
        utf8 = not (sender.isascii() and recipient.isascii() and head.isascii())
        if self._signer is not None:
            message = self._signer.signed(message, now)
        session = self._rested()
        if session is not None:
            try:
                return self._through(session, sender, recipient, message, utf8)
            except Dropped:
                log.debug("the mail server ended the session; a new one is opened")
        return self._through(self._open(server), sender, recipient, message, utf8)

    def close(self) -> None:
        """End all sessions that rest."""
        with self._lock:
            resting, self._resting = self._resting, []
        for session, _ in resting:
            session.close()

    @cached_property
    def _signer(self) -> Signer | None:
        """Who signs, its keys read once. Raises Misconfigured."""
        if not self._settings.dkim.keys:
            return None
        from digestbot.channels.email.dkim import Signer

        return Signer(self._settings.dkim)

    def _through(self, session: Session, sender: str, recipient: str, message: bytes, utf8: bool) -> Receipt:
        try:
            return session.hand_over(sender, recipient, message, utf8=utf8)
        finally:
            if session.alive:
                with self._lock:
                    self._resting.append((session, time.monotonic()))

    def _sender(self, head: bytes) -> str:
        try:
            return mailbox(sender_of(head) or parseaddr(self._settings.mail_from)[1])
        except Permanent as error:
            raise Misconfigured(f"the sender is wrong, set DIGESTBOT_MAIL_FROM: {error.reason}") from error

    def _rested(self) -> Session | None:
        """A kept session, the latest one used; those that rested too long are ended."""
        with self._lock:
            session, since = self._resting.pop() if self._resting else (None, 0.0)
        if session is not None and time.monotonic() - since > _LONGEST_REST:
            session.close()
            self.close()  # the others have rested longer still
            return None
        return session

    def _open(self, server: SmtpServer) -> Session:
        if server.security == "plain" and not server.local and not self._warned:
            self._warned = True
            log.warning(
                "mail to %s:%d leaves UNENCRYPTED, as DIGESTBOT_SMTP_URL says smtp://; anybody on the way can"
                " read and change it: write smtp+starttls:// or smtps://",
                server.host,
                server.port,
            )
        session = Session(server, self._settings, self._hostname)
        self._hostname = session.hostname
        return session


def wire_form(body: bytes, now: datetime) -> bytes:
    """The message as it leaves: every line end CRLF, and a Date where it has none yet."""
    if not body.count(b"\r\n") == body.count(b"\n") == body.count(b"\r"):  # ours end so
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    head = body.partition(b"\r\n\r\n")[0]
    if re.search(rb"^date:", head, re.IGNORECASE | re.MULTILINE):
        return body
    return b"Date: " + format_datetime(now.astimezone(UTC)).encode("ascii") + b"\r\n" + body


def sender_of(head: bytes) -> str:
    """The address in the From header, empty when there is none."""
    found = _FROM.search(head)
    return _address_in(found[1]) if found else ""


@lru_cache(maxsize=64)
def _address_in(line: bytes) -> str:
    return parseaddr(line.replace(b"\r\n", b"").decode("utf-8", "replace"))[1]


def mailbox(address: str) -> str:
    """The address as SMTP takes it, an international domain in its ASCII form. Raises Permanent."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not address.isprintable() or not _NEVER_BARE.isdisjoint(address):
        raise Permanent(f"{address!r} is no e-mail address: write name@example.org")
    if "@" in local or len(local.encode()) > 64 or ".." in address or local[0] == "." or local[-1] == ".":
        raise Permanent(f"{address!r} is no e-mail address: write name@example.org")
    if not domain.isascii():
        import idna

        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise Permanent(f"{address!r}: the domain does not exist in this form: {error}") from error
    if not _HOST.fullmatch(domain) or len(domain) > 253:
        raise Permanent(f"{address!r}: {domain!r} is no domain")
    return f"{local}@{domain}"
