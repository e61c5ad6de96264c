"""The mail server's URL: what DIGESTBOT_SMTP_URL may say, and errors that never show it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

from digestbot.channels.base import Misconfigured
from digestbot.model.secret import Secret

Security = Literal["starttls", "tls", "plain"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp": ("plain", 25),
}
_EXAMPLE = "smtp+starttls://user:password@mail.example.org:587"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server: how the line to it is secured, where it is, and who logs in (None: nobody)."""

    security: Security
    host: str
    port: int
    user: str | None = None
    password: Secret | None = None

    @property
    def local(self) -> bool:
        """Whether it is this machine, so that nothing passes a network."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower().rstrip(".") == "localhost"


@lru_cache(maxsize=4)
def parse_smtp_url(url: Secret | None, *, tokens: bool = False) -> SmtpServer:
    """The server that DIGESTBOT_SMTP_URL names; with `tokens` these open it in place of a password.

    Raises Misconfigured; the reason shows nothing of the URL.
    """
    if url is None or not url:
        raise Misconfigured(f"no mail server is set: set DIGESTBOT_SMTP_URL, for example {_EXAMPLE}")
    try:
        parts = urlsplit(url.reveal().encode().decode())  # a byte that is no UTF-8 is refused here
        security, port = _SCHEMES.get(parts.scheme, (None, 0))
        host = _ascii_host(parts.hostname or "")
        port = port if parts.port is None else parts.port
        user, password = (
            None if word is None else unquote(word, errors="strict") for word in (parts.username, parts.password)
        )
    except ValueError:  # its text may hold a piece of the password
        raise _unclear("it is no URL") from None
    if security is None:
        raise _unclear("it must begin with smtp+starttls://, smtps:// or smtp://")
    if parts.path not in ("", "/") or parts.query or parts.fragment or not host or not port:
        raise _unclear("it must be a server's name and port")
    if bool(user) != bool(password):
        raise _unclear("a user and a password belong together")
    server = SmtpServer(security, host, port, user or None, Secret(password) if password else None)
    if (server.user or tokens) and security == "plain" and not server.local:
        raise Misconfigured(
            "DIGESTBOT_SMTP_URL would send what opens the mailbox in clear text over the network:"
            " write smtp+starttls:// or smtps://"
        )
    return server


def _ascii_host(host: str) -> str:
    if host.isascii():
        host.encode("idna")  # an empty or too long piece of a name is refused here, not when connecting
        return host
    import idna

    return idna.encode(host, uts46=True).decode("ascii")


def _unclear(why: str) -> Misconfigured:
    return Misconfigured(
        f"DIGESTBOT_SMTP_URL is not understood: {why}; write {_EXAMPLE}, with @ : / ? # and % of the user"
        " and the password as %40 %3A %2F %3F %23 and %25"
    )
