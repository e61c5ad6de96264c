"""The one room that knows every part: builds them from the settings and hands them to the stories."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digestbot.channels.base import Channel, SendError
from digestbot.channels.settings import ChannelSettings, DkimSettings, utc_now
from digestbot.core.deliveries import Delivery, Message, delivery_id
from digestbot.core.digests import Digest, DigestRecord, assemble
from digestbot.core.errors import DigestbotError, Problem, UsageError
from digestbot.core.subscriptions import Destination, Subscription
from digestbot.delivery import Courier, Objection, OnUnknown, Policy
from digestbot.delivery.destinations import host_of
from digestbot.delivery.notices import Notices, Trouble
from digestbot.delivery.wanted import objection
from digestbot.rendering.base import Envelope
from digestbot.rules.topics import Topics
from digestbot.settings import Settings, home_folder, load_settings
from digestbot.store.base import Store
from digestbot.subscribers.files import TOPICS, Folder, Want, read_folder

if TYPE_CHECKING:
    from jinja2 import Environment

    from digestbot.rendering import Templates

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
        self._notices = Notices(self.channel, lambda name: self._channel_settings().secret(name), clock)
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
            open_store(self.settings.store, home=self.settings.home, read_only=self.read_only)
        )

    @cached_property
    def folder(self) -> Folder:
        """What stands in `subscriptions/`, with every problem found there."""
        return read_folder(self.settings.home / "subscriptions", shipped("subscriptions") / "topics.toml")

    @property
    def topics(self) -> Topics:
        """The taxonomy. Raises UsageError when its file is wrong."""
        problems = [each for each in self.folder.problems if (each.place or "").endswith(TOPICS)]
        if problems:
            raise UsageError(*problems)
        return self.folder.topics

    def subscription_ids(self) -> list[str]:
        """The ids of all subscriptions, whether their files are right or not."""
        return self.folder.ids

    def wants(self, ids: Sequence[str] = ()) -> list[Want]:
        """The subscriptions asked for, all of them for none. Raises UsageError with every problem."""
        if self.folder.problems:
            raise UsageError(*self.folder.problems)
        known = {want.subscription.id: want for want in self.folder.wants}
        problems = [self._unknown(each, known) for each in ids if each not in known]
        if problems:
            raise UsageError(*problems)
        if not known:
            hint = f"add a file there, or start with: digestbot init {self.settings.home}"
            raise UsageError(
                Problem("there is no subscription", str(self.settings.home / "subscriptions"), way_out=hint)
            )
        return [known[each] for each in ids] if ids else list(known.values())

    def _unknown(self, name: str, known: Iterable[str]) -> Problem:
        import difflib

        names = sorted(known)
        near = difflib.get_close_matches(name, names, 1)
        way_out = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names) or 'none'}"
        return Problem(f"no subscription {name!r}", way_out=way_out)

    def digest(self, record: DigestRecord) -> Digest:
        """The digest of a record, with its papers out of the log."""
        return assemble(record, self.store.logged(entry.sequence for entry in record.entries))

    @cached_property
    def templates(self) -> Templates:
        """The templates: the working directory's own first, then those that came with digestbot.

        They stay as they were first read, until `reload` finds the changed ones to be right.
        """
        from jinja2 import FileSystemLoader

        from digestbot.rendering import Templates

        class KeptLoader(FileSystemLoader):
            """A loader whose templates never go out of date."""

            def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
                return (*super().get_source(environment, template)[:2], lambda: True)

        return Templates(KeptLoader([self.settings.home / "templates", shipped("templates")]))

    def write(self, delivery: Delivery) -> Message:
        """The message of a delivery, the same bytes each time."""
        from digestbot.rendering import face_for

        record = self.store.digest(delivery.digest)
        if record is None:
            raise UsageError(Problem(f"the ledger has no digest {delivery.digest!r}"))
        return self._render(face_for(delivery.destination.channel), record, delivery.destination)

    def preview(self, record: DigestRecord, subscription: Subscription, form: str) -> Message:
        """What `form` (a face) shows of the digest: the bytes that its destination gets."""
        from digestbot.rendering import face_for

        carriers = {"html": ("email", "file"), "text": ("email", "file"), "markdown": ("file",)}.get(form, ())
        to = next(
            (each for each in subscription.to if each.channel in carriers or face_for(each.channel) == form),
            Destination("preview"),
        )
        return self._render(form, record, to)

    def _render(self, form: str, record: DigestRecord, to: Destination, note: str | None = None) -> Message:
        from digestbot.rendering import write

        settings, operator = self.settings, self.settings.operator
        envelope = Envelope(delivery_id(record.key, to), settings.mail_from, settings.public_url, note)
        if operator and "@" in operator:
            envelope = replace(envelope, operator=operator)
        return write(form, self.digest(record), to, envelope, templates=self.templates)

    def send_test(self, record: DigestRecord, to: Destination) -> str:
        """Send a digest marked as a test, past the ledger. Raises DigestbotError when it does not arrive."""
        from digestbot.rendering import face_for

        message = self._render(face_for(to.channel), record, to, note="test")
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
        problems: list[Problem] = []
        for want in self.folder.wants:
            place = f"subscriptions/{want.subscription.id}.toml"
            for to in want.subscription.to:
                name = to.options.get("destination", "")
                if to.channel == "email" and self.settings.smtp_url is None:
                    problems.append(
                        Problem(f"{to.name} needs a mail server", place, way_out="set DIGESTBOT_SMTP_URL in .env")
                    )
                elif name and name.lower() not in self.settings.destinations:
                    hint = f"set DIGESTBOT_TO_{name.upper()} in .env"
                    problems.append(Problem(f"{to.name} has no URL", place, way_out=hint))
        return problems

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
        return Courier(
            self.store,
            self.write,
            self.channel,
            self.clock,
            random.random,
            objection=self._objection,
            host=lambda to: host_of(to, self._channel_settings().secret),
            policy=Policy(self.settings.max_lateness, OnUnknown(self.settings.on_unknown)),
            per_kind=self.settings.concurrency,
            pause=self.pause,
            stopping=self.stopping,
        )

    def _objection(self, delivery: Delivery) -> Objection | None:
        return objection(delivery, self._subscriptions)

    @cached_property
    def _subscriptions(self) -> dict[str, Subscription | None]:
        """All of them by id; None for one whose file is wrong."""
        return dict.fromkeys(self.folder.ids) | {each.subscription.id: each.subscription for each in self.folder.wants}

    def report(self, trouble: Trouble) -> None:
        """Tell the operator of trouble, and a subscription's owner by another of its destinations."""
        self._notices.report(trouble, self._subscriptions.get(trouble.subscription), self.settings)

    def reload(self) -> list[Problem]:
        """Take up what changed in `.env`, `subscriptions/` and `templates/`; all as it was where it is wrong.

        What stays as it was is told: every problem found.
        """
        fresh = type(self)(self.settings, self.clock)
        try:
            fresh.settings = load_settings(self.settings.home)
            fresh.wants()
        except UsageError as error:
            return list(error.problems)
        if fresh.settings.store != self.settings.store:
            return [Problem("is another one now", "DIGESTBOT_STORE", way_out="stop and start to use it")]
        problems = [*fresh.template_problems(), *fresh.unreachable()]
        if not problems:
            self.settings, self.folder, self.templates = fresh.settings, fresh.folder, fresh.templates
            # Made anew with the new settings when they are next asked for.
            for name in ("courier", "_subscriptions"):
                self.__dict__.pop(name, None)
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()
        return problems
