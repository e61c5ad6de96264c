"""What `run` or a send would refuse of the settings, told before: `check` and `doctor` ask, and so do the pages."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from digestbot.bootstrap import App
from digestbot.bounces.mailbox import Maildir
from digestbot.channels import SendError
from digestbot.channels.email.smtp_url import parse_smtp_url
from digestbot.channels.email.transport import mailbox
from digestbot.channels.webhook.transport import signing_keys
from digestbot.ingest.poller import sources
from digestbot.model.errors import Problem, UsageError
from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Fence, Forbidden
from digestbot.platform.settings import Settings

SHORTEST_PASSWORD = 12  # characters of the operator's password
SHORTEST_SECRET = 20  # characters; a guessed one would sign anybody's links


def refused_later(app: App) -> Iterator[Problem]:
    """What is wrong in the settings once they are used; nobody is asked."""
    settings = app.settings
    place = str(settings.home / ".env")
    for name, use in _uses(app):
        try:
            use()
        except SendError as error:
            yield Problem(error.reason if name in error.reason else f"{name}: {error.reason}", place)
    yield from (each.at(place) for each in _alone(settings))
    pages = settings.public_url is not None and (settings.listen is not None or settings.secrets)
    yield from (each for each in page_problems(settings) if pages or settings.operator_password is not None)
    for name, url, where in _addresses(app):
        try:
            _keep_inside(app.channel_settings.network.fence, url)
        except Forbidden as error:
            yield Problem(f"{name} leads where nothing is posted to or fetched from: {error}", where)


def _uses(app: App) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the channels make of the settings, each of which raises SendError where it cannot."""
    settings = app.settings
    if settings.smtp_url is not None:
        tokens = settings.smtp_oauth_refresh_token is not None
        yield "DIGESTBOT_SMTP_URL", partial(parse_smtp_url, settings.smtp_url, tokens=tokens)
        yield "DIGESTBOT_MAIL_FROM", partial(mailbox, parseaddr(settings.mail_from)[1])
    if "@" in (settings.operator or ""):
        yield "DIGESTBOT_OPERATOR", partial(mailbox, settings.operator or "")
    if settings.dkim_keys:
        from digestbot.channels.email.dkim import Signer

        yield "DIGESTBOT_DKIM_KEY", partial(Signer, app.channel_settings.dkim)
    for name, value in settings.destinations.items():
        if name.endswith("_secret") and not _is_url(value):
            key = f"DIGESTBOT_TO_{name.upper()}"
            yield key, partial(signing_keys, value, key)


def _alone(settings: Settings) -> Iterator[Problem]:
    """What is of no use without something else, or beside it."""
    for name, value in settings.destinations.items():
        whose = name.rpartition("_")[0]
        if not _is_url(value) and whose not in settings.destinations:
            key = f"DIGESTBOT_TO_{name.upper()}"
            hint = f"set DIGESTBOT_TO_{whose.upper()}, or correct the name"
            yield Problem(f"{key} goes with a destination that is not set", way_out=hint)
    if settings.bounces is not None:
        place = settings.bounces.reveal()
        if not settings.secrets:
            hint = "set DIGESTBOT_SECRET: what comes back is told from forged by it"
            yield Problem("DIGESTBOT_BOUNCES needs DIGESTBOT_SECRET", way_out=hint)
        if "://" not in place and not Maildir.is_one(settings.home / Path(place).expanduser()):
            hint = "write the path of a maildir, or imaps://user:password@host/FOLDER"
            yield Problem("DIGESTBOT_BOUNCES is no maildir: it has no new and cur", way_out=hint)
    if settings.listen is not None and settings.listen == settings.probes:
        yield Problem("DIGESTBOT_PROBES is DIGESTBOT_LISTEN, too", way_out="write another port: 127.0.0.1:8081")
    kind, _, folder = settings.store.reveal().partition(":")
    if kind == "tinydb" and (settings.home / folder).is_file():
        yield Problem("DIGESTBOT_STORE names a file", way_out="write tinydb:FOLDER, such as tinydb:data")


def _is_url(value: Secret) -> bool:
    """Whether a destination's value is where it is, and not what goes with that."""
    return re.match(r"[a-z][a-z0-9+.-]*://", value.reveal()) is not None


def page_problems(settings: Settings) -> Iterator[Problem]:
    """What the web pages lack, without which they are not served."""
    place = str(settings.home / ".env")
    if settings.public_url is None:
        hint = "write where people reach the pages: https://digest.example.org"
        yield Problem("the web pages need DIGESTBOT_PUBLIC_URL", place, way_out=hint)
    elif not settings.secrets or any(len(each.reveal()) < SHORTEST_SECRET for each in settings.secrets):
        hint = f"write one of {SHORTEST_SECRET} characters or more, such as {secrets.token_urlsafe(32)}"
        yield Problem("the web pages need DIGESTBOT_SECRET", place, way_out=hint)
    password = settings.operator_password
    if password is not None and len(password.reveal()) < SHORTEST_PASSWORD:
        hint = f"write {SHORTEST_PASSWORD} characters or more"
        yield Problem("DIGESTBOT_OPERATOR_PASSWORD is too short", place, way_out=hint)


def _addresses(app: App) -> Iterator[tuple[str, str, str]]:
    """Every address that is posted to or fetched from: what it is called, the URL, the file."""
    settings = app.settings
    place = str(settings.home / ".env")
    for name, url in settings.destinations.items():
        if _is_url(url):
            yield f"DIGESTBOT_TO_{name.upper()}", url.reveal(), place
    for name, url in settings.sources.items():
        if not url.reveal().startswith("imaps:"):
            yield f"DIGESTBOT_SOURCE_{name.upper()}", url.reveal(), place
    if settings.heartbeat_url is not None:
        yield "DIGESTBOT_HEARTBEAT_URL", settings.heartbeat_url.reveal(), place
    try:
        for source in sources(settings):
            yield f"the source {source.name}", str(source.options.get("url") or ""), "sources.toml"
    except UsageError:
        return  # told by whoever reads the sources


def _keep_inside(fence: Fence, url: str) -> None:
    """Raises Forbidden where a URL's host is an address, in whatever spelling, that is not let through."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return  # no URL: told elsewhere
    spelt = re.fullmatch(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}", host)
    if host == "localhost":
        if not fence.permits("::1"):
            fence.check(host, ["127.0.0.1"])
        return
    try:
        # Behind other schemes than a browser's what looks like a number is a service's key.
        text = socket.inet_ntoa(socket.inet_aton(host)) if spelt and parts.scheme in ("http", "https") else host
        address = str(ip_address(text))
    except (OSError, ValueError):
        return  # a name: where it leads is judged when it is connected to
    fence.check(host, [address])
