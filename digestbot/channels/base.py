"""The contract of the channels: one part of a message goes to one destination, or it says why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from digestbot.model.causes import Cause

if TYPE_CHECKING:
    from digestbot.model.deliveries import Part
    from digestbot.model.subscriptions import Destination


class SendError(Exception):
    """A send that did not work out. ``reason`` is in words, without any secret; ``cause`` is what they amount to."""

    cause: Cause

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Temporary(SendError):
    """Worth a retry, after `retry_after` where the far side named a time. Nothing was taken.

    `too_many` says that it was sent too much in too short a time, which not every far side tells with a time.
    """

    cause = Cause.TEMPORARY

    def __init__(self, reason: str, retry_after: timedelta | None = None, *, too_many: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.too_many = too_many or retry_after is not None
        if retry_after:
            self.cause = Cause.ASKED_FOR_PATIENCE


class Stopped(Temporary):
    """The sender was told to stop before its turn came."""

    cause = Cause.STOPPED

    def __init__(self) -> None:
        super().__init__("not sent: told to stop before its turn came")


class LeaseLost(Temporary):
    """The sender came to it so late that another may have sent it meanwhile."""

    cause = Cause.LEASE_LOST

    def __init__(self) -> None:
        super().__init__("not sent: its lease was over, and another worker may have it")


class Permanent(SendError):
    """No retry will help.

    `disables` says the destination itself is gone (404, 410, channel archived, no such mailbox).
    """

    cause = Cause.REFUSED

    def __init__(self, reason: str, *, disables: bool = False) -> None:
        super().__init__(reason)
        self.disables = disables
        if disables:
            self.cause = Cause.GONE


class TooLong(Permanent):
    """This part is longer than the far side takes, whatever its limits say: in two it may pass."""

    cause = Cause.TOO_LONG


class Unknown(SendError):
    """The message left and no answer came: it may have been taken."""

    cause = Cause.NO_ANSWER


class Misconfigured(SendError):
    """The settings are wrong (no SMTP server set, AUTH refused): stop, do not fail one by one.

    `destination_only` says that the channel's other destinations work (one has no URL set, or a wrong one).
    """

    cause = Cause.MISCONFIGURED

    def __init__(self, reason: str, *, destination_only: bool = False) -> None:
        super().__init__(reason)
        self.destination_only = destination_only


@dataclass(frozen=True, slots=True)
class Receipt:
    """The far side's yes: ``answer`` in words, ``reference`` its own id of it, if any."""

    answer: str
    reference: str | None = None


class Channel(Protocol):
    """One way out. It keeps its connections between sends; use it as a context manager.

    Several threads may send through one channel at once. A channel names this class as its base and gets
    the context manager from it.
    """

    kind: str

    def send(self, part: Part, to: Destination, *, key: str) -> Receipt:
        """Hand over one part. `key` names this part of this delivery for ever (idempotency key).

        Raises Temporary, Permanent, Unknown or Misconfigured.
        """
        ...

    def close(self) -> None:
        """Let connections go. Closing twice is fine."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
