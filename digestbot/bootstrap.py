"""The one room that knows every part: builds them from the settings and hands them to the stories."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digestbot.model.errors import DigestbotError, Problem, UsageError
from digestbot.platform.settings import Settings, home_folder, load_settings, utc_now

if TYPE_CHECKING:  # a command pays only for the parts it asks for
    from digestbot.channels import Channel, ChannelSettings
    from digestbot.delivery import Dispatcher, Objection
    from digestbot.delivery.message_writer import Writer
    from digestbot.delivery.notices import Notices, Trouble
    from digestbot.model.deliveries import Delivery, Message
    from digestbot.model.digests import DigestRecord
    from digestbot.model.subscriptions import Destination, Subscription
    from digestbot.platform.links import Links
    from digestbot.platform.net.fence import Fence
    from digestbot.rendering import Templates
    from digestbot.rules.topics import Topics
    from digestbot.store.base import Store
    from digestbot.subscribers.files import CompiledSubscription, Folder
    from digestbot.subscribers.stored import StoredSubscriptions

SHIPPED = Path(__file__).parent / "_shipped"


def shipped(name: str) -> Path:
    """The folder `name` (templates, subscriptions) that came with digestbot: in the wheel, or in the checkout."""
    inside = SHIPPED / name
    return inside if inside.is_dir() else Path(__file__).parent.parent / name


class App:
    """The parts of one working directory, each built when it is first asked for. Use it as a context manager."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.pause = pause
        self.stopping = threading.Event()
        self.timed: Callable[[str, float, Exception | None], object] = lambda *_: None
        self._open = ExitStack()
        self._channels: dict[str, Channel] = {}
        self.read_only = False

    @classmethod
    def open(cls, home: str | None, *, read_only: bool = False) -> Self:
        """The parts of the working directory `home`, else DIGESTBOT_HOME, else the current folder.

        With `read_only` the store is looked at as it stands, also while the daemon runs.
        """
        app = cls(load_settings(home_folder(home, os.environ)))
        app.read_only = read_only
        return app

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def store(self) -> Store:
        """The paper log and the ledger, open until the app is left."""
        from digestbot.store import open_store

        return self._open.enter_context(
            open_store(
                self.settings.store.reveal(),
                home=self.settings.home,
                read_only=self.read_only,
                keys=lambda: self.settings.secrets,
            )
        )

    @cached_property
    def folder(self) -> Folder:
        """What stands in `subscriptions/`, with every problem found there."""
        from digestbot.subscribers.files import read_folder

        return read_folder(self.settings.home / "subscriptions", shipped("subscriptions") / "topics.toml")

    @cached_property
    def topics(self) -> Topics:
        """The taxonomy. Raises UsageError when its file cannot be read."""
        from digestbot.subscribers.files import TOPICS, read_topics

        topics, file, problems = read_topics(self.settings.home / "subscriptions", shipped("subscriptions") / TOPICS)
        if file is None:
            raise UsageError(*problems)
        return topics

    def wants(self, ids: Sequence[str] = ()) -> list[CompiledSubscription]:
        """The subscriptions asked for, or all that are right. Raises UsageError when one asked for is not, or none is
        and no pages are served on which the first could come.
        """
        from digestbot.subscribers.stored import chosen

        return chosen(self.folder, self.members, ids, self.settings.home, none_is_fine=self.settings.listen is not None)

    def register(self) -> None:
        """Note how far the log is for every subscription not yet known: what comes in from now on is news to it."""
        self.store.register(self.folder.ids, now=self.clock())
        self.store.register_subscribers(now=self.clock())

    @cached_property
    def templates(self) -> Templates:
        """The templates: the working directory's own first, then those that came with digestbot.

        They stay as they were first read, until `reload` finds the changed ones to be right.
        """
        from digestbot.platform.files.templates import KeptLoader
        from digestbot.rendering import Templates

        ours = shipped("templates")
        return Templates(KeptLoader([self.settings.home / "templates", ours]), shipped=KeptLoader(ours))

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

        told = self.settings, self.store, self.templates, self.links, self.folder.ids
        return Writer(*told, subscription=self.subscription)

    def subscription(self, name: str) -> Subscription | None:
        """The subscription with this id, of a file or of the store, as it is now; None without one that is right."""
        return self._known(name).get(name)

    def write(self, delivery: Delivery) -> Message:
        """The message of a delivery, the same bytes each time."""
        return self.writer.write(delivery)

    def send_test(self, record: DigestRecord, to: Destination) -> str:
        """Send a digest marked as a test, past the ledger. Raises DigestbotError when it does not arrive."""
        from digestbot.channels import SendError
        from digestbot.channels.renderers import renderer_for
        from digestbot.model.deliveries import delivery_id

        message = self.writer.message(renderer_for(to.channel), self.writer.digest(record), to, note="test")
        try:
            channel, key = self.channel(to.channel), delivery_id(record.key, to)
            return "; ".join(channel.send(part, to, key=key).answer for part in message.parts)
        except SendError as error:
            raise DigestbotError(Problem(error.reason, to.name)) from None

    def channel(self, kind: str) -> Channel:
        """The channel of a kind, opened once and kept."""
        from digestbot.channels import open_channel

        if kind not in self._channels:
            self._channels[kind] = self._open.enter_context(open_channel(kind, self._channel_settings))
        return self._channels[kind]

    @cached_property
    def _channel_settings(self) -> ChannelSettings:
        from digestbot.channels.settings import ChannelSettings

        return ChannelSettings.of(self.settings, self.clock)

    @property
    def fence(self) -> Fence:
        """Which addresses webhooks, sources and the heartbeat may lead to."""
        from digestbot.platform.net.fence import Fence

        return Fence.allowing(self.settings.allow_networks)

    def unreachable(self) -> list[Problem]:
        """Destinations that no message could reach, because a setting they need is missing."""
        from digestbot.subscribers.reachable import unreachable

        return [each for compiled in self.folder.wants for each in unreachable(compiled.subscription, self.settings)]

    def template_problems(self) -> list[Problem]:
        """What is wrong with the templates of every theme that is used."""
        themes = {to.theme for compiled in self.folder.wants for to in compiled.subscription.to}
        problems: list[Problem] = []
        for theme in sorted(themes | {None}, key=str):
            try:
                self.templates.check(theme)
            except UsageError as error:
                problems += error.problems
        return problems

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """The one that delivers what the ledger holds; ends early, in good order, when `stopping` is set."""
        from digestbot.bounces.handler import refused
        from digestbot.delivery import Dispatcher, OnUnknown, Policy
        from digestbot.delivery.destinations import host_of
        from digestbot.delivery.mail_limits import MailBudget

        return Dispatcher(
            self.store,
            self.write,
            self.channel,
            self.clock,
            random.random,
            objection=self._objection,
            host=lambda to: host_of(to, self._channel_settings.secret),
            policy=Policy(self.settings.max_lateness, OnUnknown(self.settings.on_unknown)),
            turn=MailBudget(self.settings.smtp_rate, self.settings.smtp_connections, self.stopping.wait).turn,
            timed=lambda *told: self.timed(*told),
            settled=lambda delivery, outcome: refused(self.store, delivery, outcome, self.clock()),
            per_kind=self.settings.concurrency,
            pause=self.pause,
            stopping=self.stopping,
        )

    def _objection(self, delivery: Delivery) -> Objection | None:
        from digestbot.delivery.wanted import objection, suppressed

        known = self._known(delivery.digest.split("/")[0])
        return suppressed(delivery, self.store) or objection(delivery, known, self.clock())

    def _known(self, name: str) -> dict[str, Subscription | None]:
        return self._subscriptions if name in self._subscriptions else self.members.now(name)

    @cached_property
    def members(self) -> StoredSubscriptions:
        """The subscriptions that stand in the store."""
        from digestbot.subscribers.stored import StoredSubscriptions

        return StoredSubscriptions(self.store, self.folder.topics)

    @cached_property
    def _subscriptions(self) -> dict[str, Subscription | None]:
        """All of them by id; None for one whose file is wrong."""
        return dict.fromkeys(self.folder.ids) | {each.subscription.id: each.subscription for each in self.folder.wants}

    @cached_property
    def _notices(self) -> Notices:
        from digestbot.delivery.notices import Notices

        memory = self.settings.home / "data" / "notices.json"
        return Notices(self.channel, lambda name: self._channel_settings.secret(name), self.clock, memory)

    def report(self, trouble: Trouble) -> None:
        """Tell the operator of trouble, and a subscription's owner by another of its destinations."""
        self._notices.report(trouble, self._subscriptions.get(trouble.subscription), self.settings)

    def reload(self) -> list[Problem]:
        """Take up what changed in `.env`, `subscriptions/` and `templates/`; the problems with what did not.

        A subscription that is wrong now goes on as it was. Wrong settings or templates, or topics that cannot be
        read, concern all of them: with those nothing is taken up.
        """
        fresh = type(self)(self.settings, self.clock)
        try:
            fresh.settings = load_settings(self.settings.home)
            _ = fresh.topics
        except UsageError as error:
            return list(error.problems)
        if fresh.settings.store != self.settings.store:
            return [Problem("is another one now", "DIGESTBOT_STORE", way_out="stop and start to use it")]
        templates, unreachable = fresh.template_problems(), fresh.unreachable()
        problems = [*fresh.folder.problems, *templates, *unreachable]
        if templates:
            return problems
        self.settings, self.templates = fresh.settings, fresh.templates
        self.folder = fresh.folder.without(unreachable).completed(self.folder.wants)
        # Made anew with the new settings when they are next asked for.
        for name in ("courier", "links", "members", "topics", "writer", "_channel_settings", "_subscriptions"):
            self.__dict__.pop(name, None)
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
        return problems
