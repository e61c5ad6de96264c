"""A site that listens, a mail server that it writes to, and a visitor: what a browser would do, without one."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from digestbot.bootstrap import App
from digestbot.digests import hand_slot, open_digest
from digestbot.platform.settings import load_settings
from digestbot.runtime.reloader import Reloader
from digestbot.web import WebServer
from tests.delivery.kit import NOW, Clock, FakedApp, deliver, papers, store_setting
from tests.servers.smtp import SmtpServer

PUBLIC = "https://digest.example.org"
SECRET = "the first of the secrets"


@dataclass
class Served:
    """A site that listens: its parts, where, and the mails it sent."""

    server: WebServer
    current: Reloader
    smtp: SmtpServer
    clock: Clock
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def app(self) -> App:
        """The parts as the files are now."""
        return self.current.app

    @property
    def url(self) -> str:
        """Where it listens, which is not where its links say: there a proxy would be."""
        return self.server.url

    def visitor(self, **options: object) -> Visitor:
        """A new visitor, without cookies."""
        self.visitors.append(Visitor(self.url, **options))
        return self.visitors[-1]

    def mails(self, count: int) -> list[EmailMessage]:
        """The mails that came, when there are so many. Fails when there are not within ten seconds, or are more."""
        wait_for(lambda: len(self.smtp.mails) >= count)
        assert len(self.smtp.mails) == count, [mail.recipient for mail in self.smtp.mails]
        return [read(mail.data) for mail in self.smtp.mails]

    def no_mail_waits(self) -> None:
        """Returns when every letter has left."""
        wait_for(lambda: not self.server.site.letters.all())

    def subscribe(self, address: str = "ada@example.org", **spec: object) -> str:
        """Sign up and confirm, as a person would; the path of the preferences."""
        visitor, before = self.visitor(), len(self.smtp.mails)
        visitor.join(address, **spec)
        path = link_in(self.mails(before + 1)[-1])
        page = visitor.press(path)
        return path_of(re.search(r'href="([^"]*/preferences/[^"]+)"', page.text)[1])  # type: ignore[index]


class Visitor:
    """Loads pages, fills their forms and sends them, with their hidden fields and its own cookies."""

    def __init__(self, url: str, **options: object) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, **options)  # type: ignore[arg-type]

    def get(self, path: str) -> httpx.Response:
        """Load a page."""
        return self.http.get(path)

    def send(self, path: str, fields: Mapping[str, object], to: str | None = None) -> httpx.Response:
        """Load the page at `path` and send its form, `to` another path where that is given."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.get(path).text)
        assert token is not None, f"{path} has no form"
        return self.http.post(to or path, data={"form_token": token[1], **fields}, follow_redirects=True)

    def press(self, path: str, **fields: object) -> httpx.Response:
        """Load the page at `path` and press its button."""
        return self.send(path, fields)

    def join(self, address: str = "ada@example.org", **spec: object) -> httpx.Response:
        """Sign up."""
        usual = {"name": "Ada", "every": "daily", "at": "08:00", "timezone": "Europe/Berlin", "rules": "paper"}
        return self.send("/", {"address": address, **usual, **spec}, "/join")


@contextmanager
def serving(home: Path, smtp: SmtpServer, clock: Clock | None = None, **settings: str) -> Iterator[Served]:
    """The pages of a working directory, served. ``settings`` are names without DIGESTBOT_."""
    usual = {
        "PUBLIC_URL": PUBLIC,
        "SECRET": SECRET,
        "MAIL_FROM": "Paper digest <digest@example.org>",
        "SMTP_URL": smtp.url(),
        "OPERATOR": "operator@example.org",
        **settings,
    }
    environ = {f"DIGESTBOT_{name}": value for name, value in usual.items()} | store_setting()
    (home / "subscriptions").mkdir(parents=True, exist_ok=True)
    clock = clock or Clock(NOW)
    app = FakedApp(load_settings(home, environ), clock, clock.pause)
    current = Reloader(app)
    with app, WebServer(current, "127.0.0.1", 0) as server:
        served = Served(server, current, smtp, clock)
        yield served
        for visitor in served.visitors:
            visitor.http.close()


def send_digest(served: Served, name: str | None = None) -> EmailMessage:
    """New papers come in, a digest of them leaves; the mail as it came."""
    app, before = served.app, len(served.smtp.mails)
    app.register()
    app.store.merge(papers(2, first=app.store.head() + 1), now=app.clock())
    for compiled in app.wants([name] if name else ()):
        assert open_digest(
            compiled, app.store, hand_slot(compiled.subscription, app.store.head(), app.clock()), app.clock()
        )
    deliver(app)
    return served.mails(before + 1)[-1]


def wait_for(done: Callable[[], bool], seconds: float = 10) -> None:
    """Returns when it is done; fails when it is not in time."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def read(data: bytes) -> EmailMessage:
    """A mail as it came."""
    return message_from_bytes(data, policy=policy.default)


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    """The path of the first link in a mail's text."""
    found = re.search(r"https?://\S+", text_of(mail))
    assert found is not None
    return path_of(found[0])


def path_of(url: str) -> str:
    """The path of an address of the site, as a proxy hands it on."""
    return urlsplit(html.unescape(url)).path
