"""The server: the pages beside the daemon, or by themselves, and the mailer with them; the probes, where they are."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digestbot.runtime.reloader import Reloader
from digestbot.web.listener import Listener
from digestbot.web.mailer import Mailer
from digestbot.web.probes import watched
from digestbot.web.routes import build
from digestbot.web.site import Site

if TYPE_CHECKING:
    from digestbot.runtime.health.metrics import Metrics


class WebServer:
    """The pages, served while it is entered. ``url`` is where; port 0 takes one that is free.

    ``current`` is shared: with the daemon's, the pages use the store that it has open. With a ``watch`` the pages
    for machines are there too, and alone where the settings name no pages. Raises UsageError when the pages lack
    a setting, or cannot listen there.
    """

    def __init__(self, current: Reloader, host: str, port: int, watch: Metrics | None = None) -> None:
        self._current = current
        alone = watch is not None and current.app.settings.public_url is None
        self._site = None if alone else Site(current)
        pages = None if self._site is None else build(self._site)
        served = pages if watch is None else watched(pages, current, watch)
        assert served is not None, "without a watch there are pages"
        base = "" if self._site is None else self._site.base
        self._listener = Listener(served, host, port, proxies=current.app.settings.trusted_proxies, base=base)
        self._open = ExitStack()

    @property
    def site(self) -> Site:
        """What the pages share."""
        assert self._site is not None, "there are no pages"
        return self._site

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._listener.url

    def __enter__(self) -> Self:
        if self._site is not None:
            self._open.enter_context(Mailer(self._site))
            self._open.callback(self._site.papers.close)
            self._open.enter_context(self._site.topic_counter)
            warming = threading.Thread(target=self._warm, args=(self._site,), name="warming")
            warming.start()
            self._open.callback(warming.join)
            self._open.callback(self._current.settled.set)
        self._open.enter_context(self._listener)
        return self

    def _warm(self, site: Site) -> None:
        """Have ready what some will ask for, once the daemon is ready itself."""
        self._current.settled.wait()
        if not site.app.stopping.is_set():
            site.papers.warm()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


def probes(current: Reloader, host: str, port: int, watch: Metrics) -> Listener:
    """The pages for machines alone, at an address of their own. Raises UsageError when it cannot listen there."""
    return Listener(watched(None, current, watch), host, port, proxies=current.app.settings.trusted_proxies)
