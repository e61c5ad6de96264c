"""What `run` or a send would refuse of the settings, told before: `check` and `doctor` ask, and so do the pages."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from digestbot.bootstrap import App
from digestbot.channels import Misconfigured
from digestbot.channels.email.smtp_url import parse_smtp_url
from digestbot.ingest.poller import sources
from digestbot.model.errors import Problem, UsageError
from digestbot.platform.net.fence import Fence, Forbidden
from digestbot.platform.settings import Settings

SHORTEST_PASSWORD = 12  # characters of the operator's password
SHORTEST_SECRET = 20  # characters; a guessed one would sign anybody's links


def refused_later(app: App) -> Iterator[Problem]:
    """What is wrong in the settings once they are used; nobody is asked."""
    settings = app.settings
    place = str(settings.home / ".env")
    if settings.smtp_url is not None:
        try:
            parse_smtp_url(settings.smtp_url, tokens=settings.smtp_oauth_refresh_token is not None)
        except Misconfigured as error:
            yield Problem(error.reason, place)
    pages = settings.public_url is not None and (settings.listen is not None or settings.secrets)
    yield from (each for each in page_problems(settings) if pages or settings.operator_password is not None)
    for name, url, where in _addresses(app):
        try:
            _keep_inside(app.channel_settings.network.fence, url)
        except Forbidden as error:
            yield Problem(f"{name} leads where nothing is posted to or fetched from: {error}", where)


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
        if re.match(r"[a-z][a-z0-9+.-]*://", url.reveal()):  # else it is what is posted with another
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
