"""The site: what every page may use."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digestbot.bootstrap import App
from digestbot.delivery.mail_queue import MailQueue
from digestbot.model.errors import UsageError
from digestbot.platform.links import Links, Tokens
from digestbot.rendering import escape
from digestbot.rendering.readable import readable_text
from digestbot.rendering.text import clean
from digestbot.rules.reference import fields
from digestbot.runtime.doctor.refused import page_problems
from digestbot.runtime.reloader import Reloader
from digestbot.web.libraries import Shelf
from digestbot.web.paper_search import PaperSearch
from digestbot.web.pools import Pools
from digestbot.web.throttle import Logins, Throttle, VisitorPace
from digestbot.web.topic_numbers import TopicCounter

if TYPE_CHECKING:
    from jinja2 import Environment

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).parent / "static"
NAVIGATION = (
    ("/", "Subscribe"),
    ("/topics", "Topics"),
    ("/playground", "Playground"),
    ("/search", "Search"),
    ("/archive", "Archive"),
    ("/preferences", "Preferences"),
)
"""What stands in every page's head: path and words."""
LOOKS = 120  # through the papers, a minute, from one network: somebody who types asks twice a second
UPLOADS = 20  # of libraries, an hour, from one network


class Site:
    """What pages get as ``context.site``. Ask ``app`` for the parts (``app.store``, ``app.topics``, ``app.clock``).

    ``letters`` are the mails that the pages have sent; ``changing`` is held by whoever reads a subscriber in
    order to write it. ``papers`` are the newest ones, ready for rules; ``looks`` says who looks too often,
    ``uploads`` who uploads too often, ``logins`` who may try the operator's password. ``libraries`` are those that were
    uploaded lately. ``topic_counter`` knows how many papers each topic finds. ``pools`` have the threads that make the
    pages.
    """

    def __init__(self, current: Reloader) -> None:
        """Raises UsageError when a setting is missing without which there can be no pages."""
        self._current = current
        app = current.app
        self._first = self._links()
        self.letters = MailQueue(app.settings.home / "data" / "letters")
        self.throttle = Throttle()
        self.changing = threading.Lock()
        self.papers = PaperSearch(lambda: self.app.store)
        self.topic_counter = TopicCounter(lambda: self.app, current.settled)
        self.looks = VisitorPace(LOOKS, timedelta(minutes=1))
        self.libraries = Shelf()
        self.uploads = VisitorPace(UPLOADS, timedelta(hours=1))
        self.logins = Logins()
        self.pools = Pools()

    @property
    def app(self) -> App:
        """The parts as the files are now."""
        return self._current.app

    @property
    def links(self) -> Links:
        """Makes signed addresses; ``links.tokens`` signs and reads anything else. As the settings are now."""
        return self._links()

    @property
    def tokens(self) -> Tokens:
        """Signs and reads."""
        return self._links().tokens

    def _links(self) -> Links:
        links, problems = self.app.links, list(page_problems(self.app.settings))
        if links is None or problems:
            raise UsageError(*problems)
        return links

    @property
    def public_url(self) -> str:
        """Where people reach the pages: as the settings say, or said before something was taken out of them."""
        return self._known.public_url

    @property
    def secure(self) -> bool:
        """Whether people reach the pages by https."""
        return self._known.secure

    @property
    def _known(self) -> Links:
        return self.app.links or self._first

    @property
    def base(self) -> str:
        """The path under which the pages stand at DIGESTBOT_PUBLIC_URL, mostly empty."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def name(self) -> str:
        """What the pages call themselves: as the mails do."""
        return parseaddr(self.app.settings.mail_from)[0] or "digestbot"

    @property
    def contact(self) -> str | None:
        """The operator's address, where one is set."""
        operator = self.app.settings.operator
        return operator if operator and "@" in operator else None

    @cached_property
    def templates(self) -> Environment:
        """The pages' templates: every value is escaped."""
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup

        from digestbot.platform.files.templates import KeptLoader

        environment = Environment(
            loader=KeptLoader([PAGES]),
            autoescape=lambda name: name is None or not name.endswith(".txt"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {"site": self, "navigation": NAVIGATION, "static": self.static, "rule_fields": fields()}
        environment.filters["shown"] = lambda text: clean(readable_text(text))  # a stranger's text
        environment.filters["hits"] = lambda text: Markup(escape.html(text))  # each word found in a <mark>
        return environment

    def static(self, name: str) -> str:
        """The address of a file in `static/`, another one whenever its content is."""
        return f"{self.base}/static/{name}?{self._versions[name]}"

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in STATIC.iterdir()}
