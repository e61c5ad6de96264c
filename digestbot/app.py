"""The one room that knows every part: builds them from the settings and hands them to the stories."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digestbot.core.errors import DigestbotError, Problem, UsageError
from digestbot.settings import Settings, home_folder, load_settings, utc_now

if TYPE_CHECKING:  # a command pays only for the parts it asks for
    from digestbot.channels import Channel, ChannelSettings
    from digestbot.core.deliveries import Delivery, Message
    from digestbot.core.digests import Digest, DigestRecord
    from digestbot.core.subscriptions import Destination, Subscription
    from digestbot.delivery import Courier
    from digestbot.delivery.notices import Notices, Trouble
    from digestbot.links import Links
    from digestbot.rendering import Templates
    from digestbot.rules.topics import Topics
    from digestbot.store.base import Store
    from digestbot.subscribers.files import Folder, Want

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
            open_store(self.settings.store.reveal(), home=self.settings.home, read_only=self.read_only)
        )

    @cached_property
    def folder(self) -> Folder:
        """What stands in `subscriptions/`, with every problem found there."""
        from digestbot.subscribers.files import read_folder

        return read_folder(self.settings.home / "subscriptions", shipped("subscriptions") / "topics.toml")

    @cached_property
    def topics(self) -> Topics:
        """The taxonomy. Raises UsageError when its file cannot be read."""
        from digestbot.subscribers.files import read_topics

        ours = shipped("subscriptions") / "topics.toml"
        topics, file, problems = read_topics(self.settings.home / "subscriptions", ours)
        if file is None:
            raise UsageError(*problems)
        return topics

    def subscription_ids(self) -> list[str]:
        """The ids of all subscriptions, whether their files are right or not."""
        return self.folder.ids

    def wants(self, ids: Sequence[str] = ()) -> list[Want]:
        """The subscriptions asked for; for none of them all whose files are right.

        Raises UsageError when one that was asked for is wrong or not there, or when there is none that is right.
        """
        home = self.settings.home
        if not self.folder.ids:
            hint = f"add a file there, or start with: digestbot init {home}"
            raise UsageError(Problem("there is no subscription", str(home / "subscriptions"), way_out=hint))
        return self.folder.asked_for(ids)

    def digest(self, record: DigestRecord) -> Digest:
        """The digest of a record, with its papers out of the log."""
        from digestbot.core.digests import assemble

        return assemble(record, self.store.logged(entry.sequence for entry in record.entries))

    @cached_property
    def templates(self) -> Templates:
        """The templates: the working directory's own first, then those that came with digestbot.

        They stay as they were first read, until `reload` finds the changed ones to be right.
        """
        from digestbot.files.templates import KeptLoader
        from digestbot.rendering import Templates

        ours = shipped("templates")
        return Templates(KeptLoader([self.settings.home / "templates", ours]), shipped=KeptLoader(ours))

    @cached_property
    def links(self) -> Links | None:
        """Makes the signed addresses of the web pages; None where the settings name no pages, or no secret."""
        from digestbot.links import Links, Tokens

        url, secrets = self.settings.public_url, self.settings.secrets
        return Links(url, Tokens(secrets)) if url is not None and secrets else None

    def write(self, delivery: Delivery) -> Message:
        """The message of a delivery, the same bytes each time."""
        from digestbot.rendering import face_for

        digest = self._opened(delivery.digest)
        return self._render(face_for(delivery.destination.channel), digest, delivery.destination)

    @cached_property
    def _opened(self) -> Callable[[str], Digest]:
        """The digest of a key. The last are kept: most have several readers, and the ledger never changes one."""

        @lru_cache(maxsize=8)
        def opened(key: str) -> Digest:
            record = self.store.digest(key)
            if record is None:
                raise UsageError(Problem(f"the ledger has no digest {key!r}"))
            return self.digest(record)

        return opened

    def preview(self, record: DigestRecord, subscription: Subscription, form: str) -> Message:
        """What `form` (a face) shows of the digest: the bytes that its destination gets."""
        from digestbot.core.subscriptions import Destination
        from digestbot.rendering import face_for

        carriers = {"html": ("email", "file"), "text": ("email", "file"), "markdown": ("file",)}.get(form, ())
        to = next(
            (each for each in subscription.to if each.channel in carriers or face_for(each.channel) == form),
            Destination("preview"),
        )
        return self._render(form, self.digest(record), to)

    def _render(self, form: str, digest: Digest, to: Destination, note: str | None = None) -> Message:
        from digestbot.core.deliveries import delivery_id
        from digestbot.rendering import write
        from digestbot.rendering.base import Envelope

        settings, operator = self.settings, self.settings.operator
        # Under the Message-ID of the real one a test would make mail servers drop that as a copy.
        name = delivery_id(f"{note} {digest.record.key}" if note else digest.record.key, to)
        envelope = Envelope(name, settings.mail_from, settings.public_url, note)
        if operator and "@" in operator:
            envelope = replace(envelope, operator=operator)
        return write(form, digest, to, envelope, templates=self.templates)

    def send_test(self, record: DigestRecord, to: Destination) -> str:
        """Send a digest marked as a test, past the ledger. Raises DigestbotError when it does not arrive."""
        from digestbot.channels import SendError
        from digestbot.core.deliveries import delivery_id
        from digestbot.rendering import face_for

        message = self._render(face_for(to.channel), self.digest(record), to, note="test")
        try:
            answers = [
                self.channel(to.channel).send(part, to, key=delivery_id(record.key, to)).answer
                for part in message.parts
            ]
        except SendError as error:
            raise DigestbotError(Problem(error.reason, to.name)) from None
        return "; ".join(answers)

    def channel(self, kind: str) -> Channel:
        """The channel of a kind, opened once and kept."""
        from digestbot.channels import open_channel

        if kind not in self._channels:
            self._channels[kind] = self._open.enter_context(open_channel(kind, self._channel_settings()))
        return self._channels[kind]

    def _channel_settings(self) -> ChannelSettings:
        from digestbot.channels.settings import ChannelSettings, DkimSettings

        return ChannelSettings(
            home=self.settings.home,
            smtp_url=self.settings.smtp_url,
            mail_from=self.settings.mail_from,
            destinations=self.settings.destinations,
            now=self.clock,
            dkim=DkimSettings(self.settings.dkim_keys, self.settings.dkim_selectors, self.settings.dkim_domain),
        )

    def unreachable(self) -> list[Problem]:
        """Destinations that no message could reach, because a setting they need is missing."""
        from digestbot.subscribers.reachable import unreachable

        return [each for want in self.folder.wants for each in unreachable(want.subscription, self.settings)]

    def template_problems(self) -> list[Problem]:
        """What is wrong with the templates of every theme that is used."""
        themes = {to.theme for want in self.folder.wants for to in want.subscription.to}
        problems: list[Problem] = []
        for theme in sorted(themes | {None}, key=str):
            try:
                self.templates.check(theme)
            except UsageError as error:
                problems += error.problems
        return problems

    @cached_property
    def courier(self) -> Courier:
        """The one that delivers what the ledger holds; ends early, in good order, when `stopping` is set."""
        from digestbot.delivery import Courier, OnUnknown, Policy
        from digestbot.delivery.destinations import host_of
        from digestbot.delivery.wanted import objection

        return Courier(
            self.store,
            self.write,
            self.channel,
            self.clock,
            random.random,
            objection=lambda delivery: objection(delivery, self._subscriptions),
            host=lambda to: host_of(to, self._channel_settings().secret),
            policy=Policy(self.settings.max_lateness, OnUnknown(self.settings.on_unknown)),
            per_kind=self.settings.concurrency,
            pause=self.pause,
            stopping=self.stopping,
        )

    @cached_property
    def _subscriptions(self) -> dict[str, Subscription | None]:
        """All of them by id; None for one whose file is wrong."""
        return dict.fromkeys(self.folder.ids) | {each.subscription.id: each.subscription for each in self.folder.wants}

    @cached_property
    def _notices(self) -> Notices:
        from digestbot.delivery.notices import Notices

        memory = self.settings.home / "data" / "notices.json"
        return Notices(self.channel, lambda name: self._channel_settings().secret(name), self.clock, memory)

    def report(self, trouble: Trouble) -> None:
        """Tell the operator of trouble, and a subscription's owner by another of its destinations."""
        self._notices.report(trouble, self._subscriptions.get(trouble.subscription), self.settings)

    def reload(self) -> list[Problem]:
        """Take up what changed in `.env`, `subscriptions/` and `templates/`; the problems with what did not.

        A subscription that is wrong now goes on as it was. Wrong settings or templates concern all of them: with
        those nothing is taken up.
        """
        fresh = type(self)(self.settings, self.clock)
        try:
            fresh.settings = load_settings(self.settings.home)
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
        for name in ("courier", "links", "topics", "_subscriptions"):
            self.__dict__.pop(name, None)
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
        return problems
