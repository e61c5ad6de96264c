"""Where an ntfy URL leads: the server, the topic, and who says so. All of it is secret but the server."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digestbot.channels.base import Misconfigured
from digestbot.model.secret import Secret

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_TOKEN = re.compile(r"tk_[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The server's own URL, the topic on it (who knows it may read it), and the Authorization header or None."""

    server: Secret
    topic: Secret
    authorization: Secret | None


def place(url: Secret, name: str) -> Place:
    """What ``https://ntfy.sh/topic`` says, ``https://:tk_...@host/topic`` or ``https://user:password@host/topic``.

    Raises Misconfigured naming the destination, and showing nothing of the URL.
    """
    wrong = Misconfigured(f"{name}: its URL is none of ntfy: write https://ntfy.sh/topic", destination_only=True)
    try:
        parts = urlsplit(url.reveal())
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        raise wrong from None
    topic = parts.path.strip("/")
    if not _TOPIC.fullmatch(topic) or parts.query or parts.fragment:
        raise wrong
    # ntfy knows of no folder before its topics: https://docs.ntfy.sh/config/#base-url
    server = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    return Place(Secret(server), Secret(topic), _authorization(user, password))


def _authorization(user: str, password: str) -> Secret | None:
    """https://docs.ntfy.sh/publish/#authentication"""
    token = password or user
    if _TOKEN.fullmatch(token):
        return Secret(f"Bearer {token}")
    if not token:
        return None
    return Secret("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii"))
