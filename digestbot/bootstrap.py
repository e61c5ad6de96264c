"""Builds the parts of one working directory and hands each only what it needs; a reload builds a new set."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digestbot.model.errors import Problem
from digestbot.platform.clock import utc_now

if TYPE_CHECKING:  # a command pays only for the parts it asks for
    from digestbot.bounces.poller import BouncePoller
    from digestbot.channels import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.delivery import Dispatcher, Objection
    from digestbot.delivery.message_writer import Writer
    from digestbot.delivery.notices import Notices, Trouble
    from digestbot.digests.gist_asker import GistAsker
    from digestbot.ingest.poller import Polled, SourcePoller
    from digestbot.model.deliveries import Delivery
    from digestbot.platform.links import Links
    from digestbot.platform.settings import Settings
    from digestbot.rendering import Templates
    from digestbot.rules.topics import Topics
    from digestbot.store.base import Store
    from digestbot.subscribers.administration import Administration
    from digestbot.subscribers.compiled import CompiledSubscription
    from digestbot.subscribers.compiled_cache import CompiledCache
    from digestbot.subscribers.files import Folder
    from digestbot.subscribers.stored import Directory, StoredSubscriptions


def shipped(name: str) -> Path:
    """The folder `name` (templates, subscriptions) that came with digestbot: in the wheel, or in the checkout."""
    inside = Path(__file__).parent / "_shipped" / name
    return inside if inside.is_dir() else Path(__file__).parent.parent / name


@dataclass(slots=True)
class Process:
    """What lives as long as the process, whatever is read anew meanwhile.

    ``clock`` gives the time (UTC), ``pause`` waits some seconds, ``stopping`` is set when the process is told to
    stop. ``timed`` hears how long each channel took, ``polled`` of each source; ``compiled`` knows the folder's files.
    """

    clock: Callable[[], datetime] = utc_now
    pause: Callable[[float], None] = time.sleep
    stopping: threading.Event = field(default_factory=threading.Event)
    timed: Callable[[str, float, Exception | None], object] = lambda *_: None
    polled: Callable[[Polled], object] = lambda _: None
    store: Store | None = None
    compiled: CompiledCache | None = None
    closing: ExitStack = field(default_factory=ExitStack)
    opening: threading.Lock = field(default_factory=threading.Lock)  # several threads may ask for the store first


class App:
    """The parts made of one reading of a working directory, each built when it is first asked for; none changes.

    Use it as a context manager. Who goes on while files change holds a `runtime.reloader.Reloader`.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        pause: Callable[[float], None] = time.sleep,
        *,
        process: Process | None = None,
    ) -> None:
        self.settings, self.read_only = settings, False
        self.process = process or Process(clock, pause)
        self.clock, self.stopping = self.process.clock, self.process.stopping
        self._channels: dict[str, Channel] = {}
        self._open = self.process.closing.enter_context(ExitStack())

    @classmethod
    def open(cls, home: str | None, *, read_only: bool = False) -> Self:
        """The parts of the working directory `home`, else DIGESTBOT_HOME, else the current folder.

        With `read_only` the store is looked at as it stands, also while the daemon runs.
        """
        from digestbot.platform.settings import home_folder, load_settings

        app = cls(load_settings(home_folder(home, os.environ)))
        app.read_only = read_only
        return app

    def anew(self) -> Self:
        """The parts of the same process, made of the working directory as it is now. Raises UsageError."""
        from digestbot.platform.settings import load_settings

        return type(self)(load_settings(self.settings.home), process=self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.process.closing.close()

    def close(self) -> None:
        """Let go of what this set has open; the store stays with the process."""
        self._open.close()

    @property
    def store(self) -> Store:
        """The paper log and the ledger, open until the process's first app is left."""
        from digestbot.store import open_store

        settings = self.settings
        with self.process.opening:
            if self.process.store is None:
                opened = open_store(
                    settings.store.reveal(), home=settings.home, read_only=self.read_only, keys=lambda: settings.secrets
                )
                self.process.store = self.process.closing.enter_context(opened)
            return self.process.store

    @cached_property
    def folder(self) -> Folder:
        """What stands in `subscriptions/`, with every problem found there."""
        from digestbot.ingest.library import libraries
        from digestbot.subscribers.files import TOPICS, kept_in, read_folder

        home, process = self.settings.home, self.process
        told = home / "subscriptions", shipped("subscriptions") / TOPICS
        process.compiled = process.compiled or kept_in(home / "data", None if self.read_only else process.closing)
        return read_folder(*told, libraries=libraries(self.settings, lambda: self.store), cache=process.compiled)

    @cached_property
    def topics(self) -> Topics:
        """The taxonomy. Raises UsageError when its file cannot be read."""
        from digestbot.subscribers.files import TOPICS, topics_in

        return topics_in(self.settings.home / "subscriptions", shipped("subscriptions") / TOPICS)

    def wants(self, ids: Sequence[str] = ()) -> list[CompiledSubscription]:
        """The subscriptions asked for, or all that are right. Raises UsageError where one is not, or there is none."""
        from digestbot.subscribers.stored import chosen

        return chosen(self.folder, self.members, ids, self.settings.home, none_is_fine=self.settings.listen is not None)

    def register(self) -> None:
        """Note how far the log is for every subscription not yet known: what comes in from now on is news to it."""
        self.store.register(self.folder.ids, now=self.clock())
        self.store.register_subscribers(now=self.clock())

    @cached_property
    def templates(self) -> Templates:
        """The templates as they were first read: the working directory's own, then those that came with digestbot."""
        from digestbot.platform.files.templates import KeptLoader
        from digestbot.rendering import Templates

        own, ours = self.settings.home / "templates", shipped("templates")
        return Templates(KeptLoader([own, ours]), shipped=KeptLoader(ours))

    @cached_property
    def links(self) -> Links | None:
        """Makes the signed addresses of the web pages; None where the settings name no pages, or no secret."""
        from digestbot.platform.links import Links, Tokens

        url, secrets = self.settings.public_url, self.settings.secrets
        return Links(url, Tokens(secrets)) if url is not None and secrets else None

    @cached_property
    def writer(self) -> Writer:
        """Writes digests as their destinations get them."""
        from digestbot.delivery.message_writer import Writer

        known = self.directory.get
        return Writer(self.settings, self.store, self.templates, self.links, self.folder.ids, subscription=known)

    def channel(self, kind: str) -> Channel:
        """The channel of a kind, opened once and kept."""
        from digestbot.channels import open_channel

        if kind not in self._channels:
            self._channels[kind] = self._open.enter_context(open_channel(kind, self.channel_settings))
        return self._channels[kind]

    @cached_property
    def channel_settings(self) -> ChannelSettings:
        """What the channels are told. Raises UsageError."""
        from digestbot.channels.settings import ChannelSettings

        return ChannelSettings.of(self.settings, self.clock)

    def unreachable(self) -> list[Problem]:
        """Destinations that no message could reach, because a setting they need is missing."""
        from digestbot.subscribers.reachable import unreachable

        return [each for compiled in self.folder.wants for each in unreachable(compiled.subscription, self.settings)]

    def template_problems(self) -> list[Problem]:
        """What is wrong with the templates of every theme that is used, and with the themes' names."""
        from digestbot.subscribers.themes import theme_problems

        return theme_problems(self.settings.home / "subscriptions", self.folder.wants, self.templates)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """The one that delivers what the ledger holds; ends early, in good order, when `stopping` is set."""
        import random

        from digestbot.bounces.handler import refused
        from digestbot.delivery import Dispatcher, OnUnknown, Policy
        from digestbot.delivery.destinations import host_of
        from digestbot.delivery.mail_limits import MailBudget

        return Dispatcher(
            self.store,
            self.writer.write,
            self.channel,
            self.clock,
            random.random,
            objection=self._objection,
            host=lambda to: host_of(to, self.channel_settings.secret),
            policy=Policy(self.settings.max_lateness, OnUnknown(self.settings.on_unknown)),
            turn=MailBudget(self.settings.smtp_rate, self.settings.smtp_connections, self.stopping.wait).turn,
            timed=lambda *told: self.process.timed(*told),
            settled=lambda delivery, outcome: refused(self.store, delivery, outcome, self.clock()),
            per_kind=self.settings.concurrency,
            pause=self.process.pause,
            stopping=self.stopping,
        )

    def _objection(self, delivery: Delivery) -> Objection | None:
        from digestbot.delivery.wanted import objection, suppressed

        known = self.directory.now(delivery.subscription)
        return suppressed(delivery, self.store) or objection(delivery, known, self.clock())

    @cached_property
    def gist_asker(self) -> GistAsker | None:
        """Asks a model for gists; None where the settings name none."""
        if self.settings.model_url is None:
            return None
        from digestbot.digests.gist_asker import asker_of

        return asker_of(self.settings, lambda: self.store, self.clock, self.stopping)

    @cached_property
    def members(self) -> StoredSubscriptions:
        """The subscriptions that stand in the store."""
        from digestbot.subscribers.stored import StoredSubscriptions

        return StoredSubscriptions(self.store, self.folder.topics)

    @cached_property
    def directory(self) -> Directory:
        """Every subscription by its id, of a file or of the store."""
        from digestbot.subscribers.stored import Directory

        return Directory(self.folder, lambda: self.members)

    @cached_property
    def _notices(self) -> Notices:
        from digestbot.delivery.notices import Notices

        memory = self.settings.home / "data" / "notices.json"
        return Notices(self.channel, lambda name: self.channel_settings.secret(name), self.clock, memory)

    def report(self, trouble: Trouble) -> None:
        """Tell the operator of trouble, and a subscription's owner by another of its destinations. Never raises."""
        self._notices.report(trouble, self.directory.of_files.get(trouble.subscription), self.settings)

    @cached_property
    def administration(self) -> Administration:
        """What an operator does with subscribers."""
        from digestbot.subscribers.administration import Administration

        return Administration(self.store, self.folder, lambda: self.topics, self.clock)

    @cached_property
    def source_poller(self) -> SourcePoller:
        """Fetches the sources that are due."""
        from digestbot.ingest.poller import SourcePoller
        from digestbot.ingest.sources.web import Web, pausing

        web = Web(pausing(self.stopping), network=self.channel_settings.network)
        told = self.settings, lambda: self.store, self.folder.ids, web, self.stopping
        poller = SourcePoller(*told, watch=lambda polled: self.process.polled(polled))
        return self._open.enter_context(closing(poller))

    @cached_property
    def bounce_poller(self) -> BouncePoller:
        """Takes in mail that came back."""
        from digestbot.bounces.poller import BouncePoller

        return BouncePoller(self.settings, lambda: self.store, self.folder, self.report, self.stopping)
