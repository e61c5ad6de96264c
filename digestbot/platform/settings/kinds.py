"""The kinds of values that settings have: what is made of each, how it is written, and which are secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from digestbot.model.secret import Secret
from digestbot.platform.durations import duration
from digestbot.platform.title_search import title_searches

_ADDRESS = r"[^\s<>()@,;:\"]+@[^\s<>()@,;:\"]+"
_FROM = re.compile(rf"(?P<name>[^<>]*)<(?P<address>{_ADDRESS})>|(?P<bare>{_ADDRESS})")
_QUOTES = frozenset({'""', "''", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\xab\xbb"})
_NOT_BY_HAND = frozenset({"host", "content-length", "content-type", "connection", "transfer-encoding", "upgrade"})

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """One kind of value: ``make`` makes it of what is written, None where that is none; ``fault`` says so then, and
    ``hint`` what to write. A ``secret`` is never shown, and may stand in a file of its own.
    """

    make: Callable[[str], T_co | None]
    hint: str
    fault: str = "is not understood"
    secret: bool = False


def such(test: Callable[[str], object], hint: str, fault: str = "is not understood") -> Kind[str]:
    """A text that passes a test."""
    return Kind(lambda text: text if test(text) else None, hint, fault)


def matching(pattern: str, hint: str, fault: str = "is not understood") -> Kind[str]:
    """A text that a regular expression matches whole."""
    return such(re.compile(pattern).fullmatch, hint, fault)


def choice(*known: str) -> Kind[str]:
    """One word of some."""
    return such(known.__contains__, f"write one of {', '.join(known)}")


def url(*schemes: str, hint: str, fault: str = "is no URL") -> Kind[str]:
    """A URL with a host and one of these schemes."""
    return such(lambda text: is_url(text, *schemes), hint, fault)


def number(pattern: str, hint: str) -> Kind[int]:
    """A whole number, bounded by how it may be written."""
    return Kind(lambda text: int(text) if re.fullmatch(pattern, text) else None, hint)


def listener(example: str) -> Kind[str]:
    """A host and a port to listen at."""
    return such(_is_listener, f"write {example}")


def secret(kind: Kind[str]) -> Kind[Secret]:
    """The same, not to be shown."""
    return Kind(lambda text: None if kind.make(text) is None else Secret(text), kind.hint, kind.fault, secret=True)


def several(text: str) -> list[str]:
    """What stands between the commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def listed(kind: Kind[str]) -> Kind[tuple[str, ...]]:
    """Several of a kind, separated by commas."""

    def make(text: str) -> tuple[str, ...] | None:
        words = several(text)
        return tuple(words) if words and all(map(kind.make, words)) else None

    return Kind(make, kind.hint, kind.fault)


def is_url(text: str, *schemes: str) -> bool:
    """Whether it is a URL with a host and one of these schemes."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def is_web(text: str) -> bool:
    """Whether it is a whole URL of the web, without letters that programs read differently."""
    return is_url(text, "https", "http") and text.isprintable() and not re.search(r"[\s\\<>\"]", text)


def is_headers(text: str) -> bool:
    """Whether it is an object of JSON with HTTP headers that may be set by hand: RFC 9110, 5.1 and 5.5."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and all(
        re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name)
        and name.lower() not in _NOT_BY_HAND
        and isinstance(value, str)
        and re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", value)
        for name, value in found.items()
    )


def from_line(text: str) -> str | None:
    """The From line as mails have it, a name with commas and the like in quotes; None unless it is one address."""
    found = _FROM.fullmatch(text)
    if found is None:
        return None
    if found["bare"] or parseaddr(text) == (found["name"].strip(), found["address"]):
        return text
    name = found["name"].strip()
    if quoted(name):
        return text
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{found["address"]}>' if name else found["address"]


def quoted(text: str) -> bool:
    """Whether it stands in quotes as a whole."""
    return len(text) > 1 and text[0] + text[-1] in _QUOTES and text[0] not in text[1:-1]


def _is_network(text: str) -> bool:
    try:
        return bool(ip_network(text, strict=False))
    except ValueError:
        return False


def _is_listener(text: str) -> bool:
    found = re.fullmatch(r"(?:\S*:)?(\d{1,5})", text)
    return found is not None and int(found[1]) <= 65535


def _is_destination(text: str) -> bool:
    """Whether it is a webhook's URL, or one in Apprise's spelling, in which anything may stand behind the scheme."""
    if text.startswith(("https:", "http:")):
        return is_web(text) and text.isascii()
    return re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", text) is not None


TEXT = such(bool, "write a word")
FILE = Kind(lambda text: Path(text), "write where the file is")
FILES = Kind(lambda text: tuple(map(Path, several(text))) or None, "write where the files are")
FROM_LINE = Kind(
    from_line, "write one address without spaces: Paper digest <digest@example.org>", "holds no single address"
)
DNS_NAME = matching(
    r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", "write names of letters, digits, hyphens and dots", "is no name in DNS"
)
NETWORKS = listed(such(_is_network, "write addresses or networks: 127.0.0.1, 10.0.0.0/8"))
STRETCH = Kind(lambda text: duration(text) or None, "write 3 days, or 12 hours")
RATE = Kind(
    lambda text: float(text) if re.fullmatch(r"0*[1-9]\d{0,4}(\.\d+)?|0*\.\d*[1-9]\d*", text) else None,
    "write how many a second: 20, or 0.5",
)
TITLE_SEARCHES = Kind(
    title_searches,
    "write https://scholar.google.com/scholar?q={title}, source=https://... for one source, or off",
    "has no search for titles",
)
SECRETS = Kind(
    lambda text: tuple(map(Secret, several(text))) or None, "write a long word that nobody guesses", secret=True
)
NAMES = Kind(lambda text: tuple(several(text)), "write names, addresses or networks, separated by commas")
TOKEN_URL = such(
    lambda text: (
        is_url(text, "https") or (is_url(text, "http") and urlsplit(text).hostname in ("localhost", "127.0.0.1"))
    ),
    "write the https:// URL of the provider's token endpoint",
    "is no https:// URL",
)
HOST = matching(r"[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-fIPv.:]+\]", "write digest.example.org")
PROXY = such(
    lambda text: text == "env" or is_url(text, "http", "https"),
    "write http://host:3128 or http://user:password@host:3128 (an HTTP proxy; SOCKS is not offered), or env",
    "is no HTTP proxy's URL",
)
WEB_URL = such(is_web, "write the whole https:// URL", "is no URL")
PAGES_URL = such(
    lambda text: is_web(text) and not re.search("[?#]", text), "write https://digest.example.org", "is no URL of pages"
)
PLAIN_URL = such(
    lambda text: is_url(text, "https", "http") and re.fullmatch(r"[!-~]+", text) and not re.search(r"[@?#\\]", text),
    "write http://localhost:11434/v1, without a user, a key or a question mark in it",
)
MAIL_SERVER = url(
    *("smtp+starttls", "smtps", "smtp"),
    hint="write smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://localhost:25; "
    "@ : / ? # and % of the user and the password as %40 %3A %2F %3F %23 and %25",
    fault="is no mail server's URL",
)
MAILBOX = such(
    lambda text: "://" not in text or is_url(text, "imaps"),
    "write imaps://user:password@host/FOLDER, or the path of a maildir",
    "cannot be used so",
)
# What stands behind its + makes the local part 50 characters longer: RFC 5321 has 64.
RETURN_ADDRESS = matching(
    r"[A-Za-z0-9._-]{1,14}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*",
    "write at most 14 letters before the @: bounce@example.org",
    "cannot be used so",
)
BEARER = matching(r"[\x21-\x7e]+", "write the token alone, without spaces", "is no token")
HEADERS = such(
    is_headers,
    'write JSON with names and values: {"X-Api-Key": "..."}; Host, Content-Type and the like are not yours to set',
    "holds no HTTP headers",
)
DESTINATION = such(_is_destination, "write the webhook's https:// URL", "is no URL")
SOURCE = such(
    lambda text: is_web(text) or is_url(text, "imaps"), "write https://..., or imaps://user:password@host", "is no URL"
)
