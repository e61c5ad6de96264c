"""A mail folder with alert mails, read over IMAP and left as it is: nothing deleted, nothing marked as read."""

from __future__ import annotations

import imaplib
import io
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from digestbot.ingest.sources.base import Dump, Memory, Refused, Unavailable
from digestbot.model.errors import DumpError, Problem
from digestbot.model.secret import Secret
from digestbot.platform.net.certificates import distrusted
from digestbot.platform.net.deadline import Deadline
from digestbot.platform.net.network import DIRECT, Network
from digestbot.platform.net.oauth import AccessTokens, TokenRefused, xoauth2

_TIMEOUT = 30.0
_TOTAL = 180.0  # seconds one fetch may take
_MOST = 500  # mails in one fetch; the rest comes with the next
LARGEST = 32 * 1024 * 1024  # bytes of a mail; alerts are of some hundred thousand
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ImapSource:
    """The mails of one folder that came since the last fetch; at first those of `first_run`. Always over TLS.

    Memory: ``validity`` and ``uid``, up to which all mails were given. Where the server numbered its mails anew
    (another UIDVALIDITY), it is as at first.
    """

    def __init__(
        self,
        name: str,
        url: Secret,
        *,
        folder: str = "INBOX",
        first_run: timedelta = timedelta(days=7),
        setting: str | None = None,
        network: Network = DIRECT,
        tokens: AccessTokens | None = None,
    ) -> None:
        """``setting`` is where a person has written the URL, and the folder with it, unless that is a source's.

        ``tokens`` open it where the URL has no password.
        """
        self.name = name
        self._network, self._tokens = network, tokens
        self._url, self._folder, self._first_run = url, folder, first_run
        self._setting = setting or f"DIGESTBOT_SOURCE_{name.upper().replace('-', '_')}"
        self._folder_hint = f"check {setting} in .env" if setting else "check folder in sources.toml"

    def fetch(self, memory: Memory, now: datetime) -> Iterator[Dump]:
        """Each mail as a dump. Raises Unavailable or Refused."""
        memory.unfinished = False
        with Deadline(_TOTAL) as deadline:
            try:
                yield from self._mails(memory, now, deadline)
            except ssl.SSLCertVerificationError as error:
                why = distrusted(error.verify_message)
                raise self._refused(f"its certificate is not trusted, {why}", "check the host's name") from None
            except imaplib.IMAP4.abort:
                raise self._unavailable("the server broke off") from None
            except imaplib.IMAP4.error:
                raise self._unavailable("the server answers what is no IMAP") from None
            except OSError as error:
                raise self._unavailable(error.strerror or "not reached") from None

    def _mails(self, memory: Memory, now: datetime, deadline: Deadline) -> Iterator[Dump]:
        client = self._connected(deadline)
        try:
            validity = self._select(client)
            known = memory.values.get("uid", 0) if memory.values.get("validity") == validity else None
            uids = self._found(client, known, now)
            last = self._numbers(client, "UID *") if known is None and len(uids) <= _MOST else []
            if known is None:
                memory.values = {"validity": validity, "uid": 0}
            for uid in uids[:_MOST]:
                dump = self._mail(client, uid)
                if dump is not None:
                    yield dump
                memory.values["uid"] = uid
            # What is older than the first run reaches back is not looked at later either.
            memory.values["uid"] = max([memory.values["uid"], *last])
            memory.unfinished = len(uids) > _MOST
        finally:
            _leave(client)

    def _connected(self, deadline: Deadline) -> imaplib.IMAP4_SSL:
        parts = urlsplit(self._url.reveal())
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        client = imaplib.IMAP4_SSL(
            parts.hostname or "", parts.port or 993, ssl_context=self._network.trusted(), timeout=_TIMEOUT
        )
        deadline.watch(client.sock)
        try:
            if not password and self._tokens is not None:
                self._authenticate(client, user or self._tokens.user, self._tokens)
            elif user.isascii() and password.isascii():
                client.login(user, password)
            else:  # LOGIN knows no other letters
                client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        except (imaplib.IMAP4.abort, OSError, Refused, Unavailable):
            _leave(client)
            raise
        except imaplib.IMAP4.error:  # its words may repeat what was sent
            _leave(client)
            raise self._refused("the server refuses user or password", f"check {self._setting} in .env") from None
        return client

    def _authenticate(self, client: imaplib.IMAP4_SSL, user: str, tokens: AccessTokens) -> None:
        """Log in by XOAUTH2; a token that is refused is renewed once."""

        def log_in(token: Secret) -> None:
            # What is wrong comes as a question, which wants an empty answer before the refusal itself.
            client.authenticate("XOAUTH2", lambda asked: b"" if asked else xoauth2(user, token).encode())

        try:
            token = tokens.token()
            try:
                log_in(token)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                log_in(tokens.token(refused=token))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            hint = f"DIGESTBOT_SMTP_OAUTH_REFRESH_TOKEN must come of the consent of {user}, and be for IMAP too"
            raise self._refused(f"the server refuses the login of {user} by XOAUTH2", hint) from None
        except TokenRefused as error:
            if error.lasting:
                raise Refused(Problem(str(error), self.name)) from None
            raise self._unavailable(str(error)) from None

    def _select(self, client: imaplib.IMAP4_SSL) -> int:
        answer, _ = client.select(f'"{_encoded(self._folder)}"', readonly=True)
        if answer != "OK":
            raise self._refused(f"there is no folder {self._folder!r}", self._folder_hint)
        _, found = client.response("UIDVALIDITY")
        text = found[0] if found else None
        return int(text) if isinstance(text, bytes) and text.isdigit() else 0

    def _found(self, client: imaplib.IMAP4_SSL, known: int | None, now: datetime) -> list[int]:
        since = now - self._first_run
        dated = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"  # the names are the protocol's, not a locale's
        criteria = f"SINCE {dated}" if known is None else f"UID {known + 1}:*"
        # n:* always finds the last mail, however small its number is.
        return sorted(each for each in self._numbers(client, criteria) if each > (known or 0))

    def _numbers(self, client: imaplib.IMAP4_SSL, criteria: str) -> list[int]:
        _, found = client.uid("SEARCH", criteria)
        return [int(each) for piece in found if piece for each in piece.split() if each.isdigit()]

    def _mail(self, client: imaplib.IMAP4_SSL, uid: int) -> Dump | None:
        name = f"{self.name} mail {uid}"
        _, sizes = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
        size = _SIZE.search(_flat(sizes))
        if size is None:
            return None  # moved away since it was found
        if int(size[1]) > LARGEST:
            return Dump(name, lambda: _too_large(name))
        _, answer = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
        body = next((each[1] for each in answer if isinstance(each, tuple)), None)
        return None if body is None else Dump(name, lambda: io.BytesIO(body))

    def _refused(self, what: str, way_out: str) -> Refused:
        return Refused(Problem(what, self.name, way_out=way_out))

    def _unavailable(self, what: str) -> Unavailable:
        return Unavailable(Problem(what, self.name, way_out="it is tried again later"))


def _leave(client: imaplib.IMAP4_SSL) -> None:
    """Log out, and close the connection also where that fails."""
    with suppress(OSError, imaplib.IMAP4.error):
        client.logout()
    with suppress(OSError):
        client.shutdown()


def _flat(answer: list[Any]) -> bytes:
    return b" ".join(each if isinstance(each, bytes) else b" ".join(each) for each in answer if each)


def _too_large(name: str) -> BinaryIO:
    what = f"is larger than {LARGEST // (1024 * 1024)} MiB"
    raise DumpError(Problem(what, name, way_out="save it as a file and ingest that"))


def _encoded(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): its own UTF-7, quotes escaped."""

    def shifted(found: re.Match[str]) -> str:
        utf7 = found[0].encode("utf-7").decode("ascii").rstrip("-")
        return f"&{utf7[1:].replace('/', ',')}-"

    name = re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))
    return name.replace("\\", "\\\\").replace('"', '\\"')
