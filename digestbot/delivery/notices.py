"""Notices: what went wrong for good, in words, as a short message for whoever can mend it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from digestbot.channels.base import Channel, SendError
from digestbot.channels.registry import describe, kind_of
from digestbot.channels.spec import Notice
from digestbot.model.causes import Cause
from digestbot.model.deliveries import Delivery, DeliveryState, Outcome
from digestbot.model.errors import DigestbotError
from digestbot.model.secret import Secret
from digestbot.model.subscriptions import Destination, Subscription
from digestbot.platform.files.atomic import replace_file
from digestbot.platform.files.sealed import sealed, unsealed
from digestbot.platform.settings import Settings

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
"""The same cause is told about once in this time."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something a person should know of. ``cause`` names it: the same cause is not told again for a day.

    ``subscription`` is whose it is, empty where it is nobody's; its owner is told too when ``owner`` is set.
    ``destination`` is the name of the one that is to blame: it is not told by that one.
    """

    cause: str
    text: str
    subscription: str = ""
    owner: bool = False
    destination: str = ""


def trouble_of(delivery: Delivery, outcome: Outcome) -> Trouble | None:
    """What of an outcome a person should know; None for what mends itself."""
    subscription, name = delivery.subscription, delivery.destination.name
    where, one = f"{delivery.digest} -> {name}", f"{subscription} {name}"
    decide = f"Decide with: digestbot outbox retry {delivery.id[:8]}, or: digestbot outbox drop {delivery.id[:8]}"
    if outcome.cause is Cause.GONE:
        text = f"{where} was refused for good: {outcome.reason}\nNothing more is sent to {name}. {decide}"
        return Trouble(f"gone {name}", text, subscription, owner=True, destination=name)
    if outcome.state is DeliveryState.FAILED:
        return Trouble(f"failed {one}", f"{where} was NOT sent: {outcome.reason}\n{decide}", subscription)
    if outcome.state is DeliveryState.HELD:
        return Trouble(f"held {one}", f"{where} is kept back: {outcome.reason}\n{decide}", subscription)
    return None


def operator(written: str, url: Callable[[str], Secret | None]) -> Destination:
    """The destination that the setting DIGESTBOT_OPERATOR names; the kind of a named one is told by its URL."""
    if "@" in written:
        return Destination("email", {"address": written})
    found = url(written.lower())
    text = found.reveal() if found else ""
    return Destination(kind_of(text), {"destination": written})


def named(kind: str, text: str) -> str:
    """The cause of a trouble that is known by its words only: the same for the same words, in every process."""
    return f"{kind} ({sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]})"


class Notices:
    """Sends notices, each cause once a day to each; what cannot be sent is logged.

    ``memory`` is the file in which it is kept what was told, so that a process that dies and starts again
    and again tells its trouble once.
    """

    def __init__(
        self,
        channel: Callable[[str], Channel],
        url: Callable[[str], Secret | None],
        clock: Callable[[], datetime],
        memory: Path,
    ) -> None:
        self._channel = channel
        self._url = url
        self._clock = clock
        self._memory = memory

    def report(self, trouble: Trouble, subscription: Subscription | None, settings: Settings) -> None:
        """Tell the operator, and the owner by the first other destination that takes it. Never raises."""
        try:
            self._report(trouble, subscription, settings)
        except Exception:  # telling of trouble must not become trouble of its own
            log.exception("trouble could not be reported")

    def _report(self, trouble: Trouble, subscription: Subscription | None, settings: Settings) -> None:
        if settings.operator is not None:
            self._send(trouble, operator(settings.operator, self._url), settings.mail_from)
        others = subscription.to if subscription and trouble.owner else ()
        for to in others:
            if to.name != trouble.destination and self._send(trouble, to, settings.mail_from):
                return

    def _send(self, trouble: Trouble, to: Destination, sender: str) -> bool:
        """Tell somebody; False when it does not arrive. One told within the day is not told again."""
        now = self._clock()
        told = self._recall()
        last = told.get((trouble.cause, to.name))
        if last is not None and timedelta(0) <= now - last < EVERY:
            return True
        key = sha256(f"{trouble.cause}\0{to.name}\0{now.isoformat()}".encode()).hexdigest()[:32]
        try:
            notice = Notice(f"digestbot: {trouble.cause}", trouble.text, to, sender, key)
            self._channel(to.channel).send(describe(to.channel).notice(notice), to, key=key)
        except (SendError, DigestbotError, ValueError) as error:
            log.warning("%s could not be told of trouble: %s", to.name, error)
            return False
        self._keep({each: at for each, at in told.items() if abs(now - at) < EVERY} | {(trouble.cause, to.name): now})
        return True

    def _recall(self) -> dict[tuple[str, str], datetime]:
        try:
            said = unsealed(self._memory.read_bytes(), lambda said: isinstance(said, list))
            told = said if isinstance(said, list) else said["told"]
            return {(cause, name): datetime.fromisoformat(at) for cause, name, at in told}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("%s cannot be read (%s): what was told may be told again", self._memory, error)
            return {}  # better told twice than never

    def _keep(self, told: dict[tuple[str, str], datetime]) -> None:
        said = [[cause, name, at.isoformat()] for (cause, name), at in told.items()]
        try:
            replace_file(self._memory, sealed({"told": said}))
        except OSError as error:
            log.warning("%s cannot be written (%s): what was told may be told again", self._memory, error.strerror)
